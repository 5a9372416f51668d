import HoldfastScripts
import TestServers
import Testing

@testable import HoldfastRedis

extension PrivateCluster {
    /// Settings for a client that knows some of the nodes.
    func configuration(seeds: [RedisProcess]? = nil) -> RedisConfiguration {
        RedisConfiguration(
            topology: .cluster(seeds: (seeds ?? nodes).map { .tcp(host: "127.0.0.1", port: $0.port) }))
    }
}

@Suite("A cluster of three masters and three replicas", .serialized, .timeLimit(.minutes(10)))
struct ClusterTests {
    private func ledger(_ client: RedisClient, keys: Int = 40) -> Ledger {
        Ledger(client: client, keys: (0..<keys).map { "key \($0)" })
    }

    @Test("commands, scripts, lanes and subscriptions find their nodes, from one seed that is up among dead ones")
    func routing() async throws {
        let cluster = try await SharedCluster.masters(3)
        var configuration = cluster.configuration(seeds: [cluster.nodes[1]])
        configuration.topology = .cluster(seeds: [
            .tcp(host: "127.0.0.1", port: try LoopbackPort.free()),
            .tcp(host: "localhost", port: cluster.nodes[1].port),
        ])
        try await withClient(configuration) { client in
            try await client.waitUntilConnected()
            for number in 0..<100 {
                _ = try await client.command(["SET", .string("k\(number)"), .integer(Int64(number))], lane: .bulk)
            }
            let masters = try await client.masters()
            #expect(masters.count == 3)
            var sizes: [Int64] = []
            for master in masters { sizes.append(try await client.command(["DBSIZE"], on: master).integer ?? 0) }
            #expect(sizes.reduce(0, +) == 100 && sizes.allSatisfy { $0 > 10 })
            #expect(masters.contains(try #require(client.node(for: Array("k1".utf8)))))

            let echo = Script(name: "echo", source: "#!lua\nreturn {KEYS[1] or '', ARGV[1]}")
            for number in 0..<30 {
                let key = Array("s\(number)".utf8)
                let reply = try await client.evaluate(echo, keys: [key], arguments: [.integer(Int64(number))])
                #expect(reply == .array([.bytes(key), .bytes(Array("\(number)".utf8))]))
            }
            #expect(try await client.evaluate(echo, keys: [], arguments: ["x"]).array?.last?.string == "x")

            let subscription = client.subscribe("news")
            var events = subscription.makeAsyncIterator()
            #expect(await events.next() == .reconnected)
            _ = try await client.command(["PUBLISH", "news", "hello"])
            #expect(await events.next() == .message(Array("hello".utf8)))
            #expect(try await client.command(["BLPOP", "nothing", "0.01"], lane: .blocking).isNull)
            #expect(client.server()?.version.hasPrefix("7.") == true)
        }
    }

    @Test("keys of different slots and commands about one node are refused before anything is sent")
    func refused() async throws {
        let cluster = try await SharedCluster.masters(1)
        try await withClient(cluster.configuration()) { client in
            try await client.waitUntilConnected()
            #expect(await client.failure(of: ["MSET", "a", "1", "b", "2"])?.code == .crossSlot)
            #expect(await client.failure(of: ["FLUSHALL"])?.code == .badInput)
            let script = Script(name: "two", source: "#!lua\nreturn redis.call('SET', KEYS[1], KEYS[2])")
            let error = await #expect(throws: RedisError.self) {
                _ = try await client.evaluate(script, keys: [Array("a".utf8), Array("b".utf8)], arguments: [])
            }
            #expect(error?.code == .crossSlot)
            let calls = try cluster.nodes[0].command("INFO", "commandstats")
            #expect(
                !calls.contains("cmdstat_mset") && !calls.contains("cmdstat_eval") && !calls.contains("cmdstat_flush"))
        }
    }

    @Test("a slot that is half moved: keys here, keys there, keys at neither, and scripts over both wait")
    func halfMoved() async throws {
        let cluster = try await SharedCluster.masters(2)
        let (source, target) = (cluster.nodes[0], cluster.nodes[1])
        let tag = try #require((0..<100).map { "t\($0)" }.first { HashSlot.of(Array($0.utf8)) < 8_000 })
        let slot = "\(HashSlot.of(Array(tag.utf8)))"
        try await withClient(cluster.configuration()) { client in
            for key in ["1", "2"] { _ = try await client.command(["SET", .string("{\(tag)}\(key)"), .string(key)]) }
            try target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", try source.command("CLUSTER", "MYID"))
            try source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", try target.command("CLUSTER", "MYID"))
            try source.command("MIGRATE", "127.0.0.1", "\(target.port)", "{\(tag)}1", "0", "5000")
            // Moved: by ASK. Still there: at once. New: at the new node.
            #expect(try await client.command(["GET", .string("{\(tag)}1")]).string == "1")
            #expect(try await client.command(["GET", .string("{\(tag)}2")]).string == "2")
            _ = try await client.command(["SET", .string("{\(tag)}3"), "3"])
            // A script that the new node does not know, behind ASKING twice.
            let get = Script(name: "get", source: "#!lua flags=no-writes\nreturn {redis.call('GET', KEYS[1])}")
            let value = try await client.evaluate(get, keys: [Array("{\(tag)}3".utf8)], arguments: [])
            #expect(value == .array([.bytes(Array("3".utf8))]))
            // Both keys in one call: refused until the slot has moved.
            let both = ["MGET", .string("{\(tag)}1"), .string("{\(tag)}2")] as [RedisArgument]
            try await eventually("it is refused until the deadline") {
                let early = await client.failure(of: both, timeout: .milliseconds(100))
                return early?.serverError?.prefix == "TRYAGAIN" && early?.code == .unavailable
            }
            async let late = client.command(both, timeout: .seconds(60))
            try await cluster.move([Int(slot) ?? 0], from: source, to: target)
            #expect(try await late.array?.map(\.string) == ["1", "2"])
            #expect(try target.command("DBSIZE") == "3")
        }
    }

    @Test("a command that nodes send to each other is unavailable at its deadline, and done when they agree")
    func disagreement() async throws {
        let cluster = try await SharedCluster.masters(2)
        let tag = try #require((0..<100).map { "d\($0)" }.first { HashSlot.of(Array($0.utf8)) < 8_000 })
        let slot = "\(HashSlot.of(Array(tag.utf8)))"
        try await withClient(cluster.configuration()) { client in
            try await client.waitUntilConnected()
            let (source, target) = (cluster.nodes[0], cluster.nodes[1])
            // The other one knows of nothing.
            try source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", try target.command("CLUSTER", "MYID"))
            try await eventually("it is sent to and fro until the deadline") {
                let error = await client.failure(of: ["SET", .string(tag), "v"], timeout: .milliseconds(300))
                return error?.code == .unavailable && ["ASK", "MOVED"].contains(error?.serverError?.prefix)
            }
            // Longer than any number of redirections takes.
            async let late = client.command(["SET", .string(tag), "v"], timeout: .seconds(60))
            let before = try Self.redirections(cluster)
            try await eventually("it is asked and asked again") { try Self.redirections(cluster) > before + 10 }
            try source.command("CLUSTER", "SETSLOT", slot, "STABLE")
            #expect(try await late == .status("OK"))
        }
    }

    /// How often nodes have sent somebody elsewhere.
    private static func redirections(_ cluster: PrivateCluster) throws -> Int {
        try cluster.nodes.reduce(0) { total, node in
            let lines = try node.command("INFO", "errorstats").split(whereSeparator: \.isNewline)
            let counts = lines.filter { $0.hasPrefix("errorstat_ASK:") || $0.hasPrefix("errorstat_MOVED:") }
            return total + counts.reduce(0) { $0 + (Int($1.split(separator: "=").last ?? "") ?? 0) }
        }
    }

    @Test("slots that move back and forth under load: nothing is lost, nothing counts twice, nobody sees an error")
    func resharding() async throws {
        let cluster = try await SharedCluster.masters(3)
        try await withClient(cluster.configuration()) { client in
            let ledger = ledger(client)
            try await ledger.open()
            try await ledger.write(tasks: 20) {
                for round in 0..<2 {
                    for (index, source) in cluster.nodes.enumerated() {
                        let target = cluster.nodes[(index + 1 + round) % 3]
                        let owned = try cluster.slots(of: source)
                        let slots = ledger.slots.filter { slot in owned.contains { $0.contains(slot) } }
                        try await cluster.move(Array(slots.prefix(4)), from: source, to: target)
                    }
                }
            }
            try await ledger.verify()
            let tally = ledger.now
            #expect(tally.doubts == 0 && tally.failures.isEmpty)
            let redirections = try cluster.nodes.reduce(0) { total, node in
                let lines = try node.command("INFO", "errorstats").split(separator: "\n")
                return total + lines.count { $0.contains("errorstat_") }
            }
            #expect(redirections > 0)
            print("resharding: \(tally.acknowledged.values.reduce(0, +)) entries, longest gap \(tally.longestGap)")
        }
    }

    @Test("a master that is killed under load: its replica takes over, and every writer goes on")
    func killed() async throws {
        let cluster = try await PrivateCluster.start()
        try await withClient(cluster.configuration()) { client in
            let ledger = ledger(client)
            try await ledger.open()
            let victim = cluster.nodes[0]
            let key = try #require(ledger.keys.first { HashSlot.of(Array($0.utf8)) < 5_000 })
            let slot = HashSlot.of(Array(key.utf8))
            try await ledger.write(tasks: 20) {
                try await eventually("there is load") { ledger.now.acknowledged.values.reduce(0, +) > 2_000 }
                victim.kill()
                let killed = ContinuousClock.now
                try await eventually("the replica is elected") {
                    try cluster.owner(of: slot, asSeenBy: cluster.nodes[1]) === cluster.nodes[3]
                }
                let elected = ContinuousClock.now
                let before = ledger.now.acknowledged[key, default: 0]
                try await eventually("its keys are written again") {
                    ledger.now.acknowledged[key, default: 0] > before
                }
                print(
                    "killed master: elected after \(elected - killed), written again \(ContinuousClock.now - elected) "
                        + "later, doubts \(ledger.now.doubts), failures \(ledger.now.failures)")
            }
            // Those in flight to the master when it died, and no others.
            #expect(ledger.now.doubts <= 20)
            // What the old master had acknowledged but not yet passed on may be gone, but nothing counts twice.
            for key in ledger.keys {
                let count = try await client.command(["GET", .string("{\(key)}:count")]).integer
                #expect(try await client.command(["SCARD", .string("{\(key)}:ids")]).integer == count)
            }
            try await victim.restart()
            try await cluster.waitUntilUp()
        }
    }

    @Test("a master that freezes is left for its replica, and what it was sent is unknown; thawed, it is no master")
    func frozen() async throws {
        let cluster = try await PrivateCluster.start()
        try await withClient(cluster.configuration()) { client in
            let victim = cluster.nodes[0]
            let key = try #require((0..<100).map { "k\($0)" }.first { HashSlot.of(Array($0.utf8)) < 5_000 })
            _ = try await client.command(["SET", .string(key), "before"])
            let subscription = client.subscribe("news")
            var events = subscription.makeAsyncIterator()
            #expect(await events.next() == .reconnected)
            victim.pause()
            let frozen = ContinuousClock.now
            // Long deadlines: the client itself has to notice.
            let sent = await client.failure(of: ["SET", .string(key), "during"], timeout: .seconds(60))
            #expect(sent?.code == .outcomeUnknown)
            let noticed = ContinuousClock.now
            _ = try await client.command(["SET", .string(key), "after"], timeout: .seconds(60))
            let wait = ContinuousClock.now - noticed
            print("frozen master: given up after \(noticed - frozen), written again \(wait) later")
            victim.resume()
            try await eventually("the old master is a replica") {
                try victim.command("ROLE").hasPrefix("slave")
            }
            #expect(try await client.command(["GET", .string(key)]).string == "after")
            let node = try #require(client.node(for: Array(key.utf8)))
            #expect(node.address == .tcp(host: "127.0.0.1", port: cluster.nodes[3].port))
        }
    }

    @Test("a planned failover under load is not noticed by anybody")
    func planned() async throws {
        let cluster = try await PrivateCluster.start(masters: 1, failsOver: false)
        try await withClient(cluster.configuration()) { client in
            let ledger = ledger(client, keys: 5)
            try await ledger.open()
            try await ledger.write(tasks: 10) {
                let replica = cluster.nodes[1]
                try replica.command("CLUSTER", "FAILOVER")
                try await eventually("the replica takes over") { try replica.command("ROLE").hasPrefix("master") }
                let before = ledger.now.acknowledged.values.reduce(0, +)
                try await eventually("the load goes on") {
                    ledger.now.acknowledged.values.reduce(0, +) > before + 100
                }
            }
            try await ledger.verify()
            #expect(ledger.now.failures.isEmpty)
        }
    }

    @Test("a node that leaves takes neither commands nor subscriptions with it")
    func leaving() async throws {
        let cluster = try await PrivateCluster.start(masters: 2, replicas: false)
        let (stays, leaves) = (cluster.nodes[0], cluster.nodes[1])
        try await withClient(cluster.configuration()) { client in
            let subscription = client.subscribe("news")
            var events = subscription.makeAsyncIterator()
            #expect(await events.next() == .reconnected)
            for number in 0..<50 { _ = try await client.command(["SET", .string("k\(number)"), "v"]) }
            let slots = Array(8_192..<16_384)
            let (id, gone) = (try stays.command("CLUSTER", "MYID"), try leaves.command("CLUSTER", "MYID"))
            let used = slots.filter { slot in (0..<50).contains { HashSlot.of(Array("k\($0)".utf8)) == slot } }
            try await cluster.move(used, from: leaves, to: stays)
            for node in [stays, leaves] {
                try node.commands(slots.filter { !used.contains($0) }.map { "CLUSTER SETSLOT \($0) NODE \(id)" })
            }
            try stays.command("CLUSTER", "FORGET", gone)
            leaves.kill()
            for number in 0..<50 {
                #expect(try await client.command(["GET", .string("k\(number)")]).string == "v")
            }
            try await eventually("the subscription is at the node that stays") {
                try stays.command("PUBSUB", "CHANNELS").contains("news")
            }
            try await eventually("one master is left") { try await client.masters().count == 1 }
        }
    }

    @Test("a cluster that is down is waited for until the deadline, and no longer")
    func down() async throws {
        let cluster = try await SharedCluster.masters(1)
        let node = cluster.nodes[0]
        try await withClient(cluster.configuration()) { client in
            try await client.waitUntilConnected()
            try node.command("CLUSTER", "DELSLOTS", "\(HashSlot.of(Array("k".utf8)))")
            try await eventually("it is refused until the deadline") {
                await client.failure(of: ["SET", "k", "v"], timeout: .milliseconds(300))?.code == .unavailable
            }
            async let late = client.command(["SET", "k", "v"], timeout: .seconds(60))
            try node.command("CLUSTER", "ADDSLOTS", "\(HashSlot.of(Array("k".utf8)))")
            #expect(try await late == .status("OK"))
        }
    }

    @Test("a cluster of nobody: callers wait until their deadline and hear why; without run() they hear that")
    func nobody() async throws {
        let port = try LoopbackPort.free()
        let configuration = RedisConfiguration(topology: .cluster(seeds: [.tcp(host: "127.0.0.1", port: port)]))
        try await withClient(configuration) { client in
            let error = await client.failure(of: ["GET", "k"], timeout: .milliseconds(1_500))
            #expect(error?.code == .deadline)
            #expect(error?.message.contains("\(port)") == true)
        }
        let idle = RedisClient(configuration: configuration, logger: .silent)
        #expect(await idle.failure(of: ["GET", "k"], timeout: .milliseconds(50))?.code == .notRunning)
        let empty = RedisClient(configuration: RedisConfiguration(topology: .cluster(seeds: [])), logger: .silent)
        let refusal = await #expect(throws: RedisError.self) { try await empty.run() }
        #expect(refusal?.code == .badInput)
        #expect(await empty.failure(of: ["GET", "k"])?.code == .closed)
    }
}
