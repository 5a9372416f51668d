import HoldfastScripts
import TestServers
import Testing

@testable import HoldfastRedis

@Suite("A master that Sentinels watch", .serialized, .timeLimit(.minutes(10)))
struct SentinelTests {
    typealias Address = RedisConfiguration.Address

    private func topology(_ sentinels: [Address]) -> RedisConfiguration.Topology {
        .sentinel(.init(addresses: sentinels, serviceName: PrivateSentinel.serviceName))
    }

    private func configuration(_ group: PrivateSentinel) -> RedisConfiguration {
        RedisConfiguration(topology: topology(group.sentinels.map { .tcp(host: "127.0.0.1", port: $0.port) }))
    }

    private func pair() async throws -> (PrivateRedis, PrivateRedis, Address, Address) {
        var options = PrivateRedis.Options()
        options.tcp = true
        let (one, two) = (try await PrivateRedis.startAlone(options), try await PrivateRedis.startAlone(options))
        return (
            one, two, .tcp(host: "127.0.0.1", port: try #require(one.port)),
            .tcp(host: "127.0.0.1", port: try #require(two.port))
        )
    }

    @Test("a server that refuses writes is left for the one that Sentinel names, and the write is done there, once")
    func demoted() async throws {
        let (one, two, first, second) = try await pair()
        let sentinel = try await FakeSentinel.start(first)
        try await withClient(one.configuration(topology([sentinel.address]))) { client in
            for lane in RedisLane.allCases { _ = try await client.command(["PING"], lane: lane) }
            #expect(client.server()?.address == first)
            sentinel.name(second)
            try one.command("REPLICAOF", "127.0.0.1", "1")
            let script = Script(name: "add", source: "#!lua\nreturn {redis.call('HINCRBY', KEYS[1], 'f', 1)}")
            let reply = try await client.evaluate(script, keys: [Array("hf1:n".utf8)], arguments: [])
            #expect(reply == .array([.integer(1)]))
            #expect(try two.command("HGET", "hf1:n", "f") == "1")
            try await eventually("every lane has moved") {
                RedisLane.allCases.allSatisfy { client.server(lane: $0)?.address == second }
            }
            // Without another master it stays a refusal.
            try two.command("REPLICAOF", "127.0.0.1", "1")
            try await eventually("it is refused until the deadline") {
                let error = await client.failure(of: ["SET", "hf1:k", "v"], timeout: .milliseconds(400))
                return error?.code == .unavailable || error?.code == .deadline
            }
        }
    }

    @Test("a replica that a Sentinel takes for the master is not accepted")
    func stale() async throws {
        let (one, two, first, second) = try await pair()
        try one.command("REPLICAOF", "127.0.0.1", "1")
        // Two against one: still the one is right.
        var sentinels: [FakeSentinel] = []
        for answer in [first, first, second] { sentinels.append(try await FakeSentinel.start(answer)) }
        try await withClient(one.configuration(topology(sentinels.map(\.address)))) { client in
            try await client.waitUntilConnected()
            #expect(client.server()?.address == second)
        }
        withExtendedLifetime((sentinels, two)) {}
    }

    @Test("a switch that a Sentinel announces is followed at once, other names and stale news are not")
    func hint() async throws {
        let (one, two, first, second) = try await pair()
        let sentinel = try await FakeSentinel.start(first)
        try await withClient(one.configuration(topology([sentinel.address]))) { client in
            try await client.waitUntilConnected()
            try await eventually("the client listens") { sentinel.listeners == 1 }
            one.pause()
            sentinel.name(second)
            sentinel.announceSwitch(to: try #require(second.port))
            // The old master neither answers nor hangs up.
            try await eventually("the client has moved") { client.server()?.address == second }
            _ = try await client.command(["SET", "hf1:k", "v"])
            #expect(try two.command("GET", "hf1:k") == "v")
            one.resume()
        }
    }

    @Test("no Sentinel at all and a name that none knows are different errors")
    func unknown() async throws {
        let sentinel = try await FakeSentinel.start(nil)
        try await withClient(RedisConfiguration(topology: topology([sentinel.address]))) { client in
            let error = await client.failure(of: ["PING"], timeout: .seconds(30))
            #expect(error?.code == .badInput)
            #expect(error?.message.contains("main") == true)
        }
        withExtendedLifetime(sentinel) {}
        let nobody = Address.tcp(host: "127.0.0.1", port: try LoopbackPort.free())
        try await withClient(RedisConfiguration(topology: topology([nobody]))) { client in
            let error = await client.failure(of: ["PING"], timeout: .milliseconds(900))
            #expect(error?.code == .deadline)
            #expect(error?.message.contains("\(nobody)") == true)
        }
    }

    @Test("a master that is killed under load: the Sentinels elect, and every writer goes on")
    func killed() async throws {
        let group = try await PrivateSentinel.start(password: "server-pw", sentinelPassword: "sentinel-pw")
        var configuration = configuration(group)
        configuration.password = "server-pw"
        if case .sentinel(var sentinel) = configuration.topology {
            sentinel.password = "sentinel-pw"
            configuration.topology = .sentinel(sentinel)
        }
        try await withClient(configuration) { client in
            let ledger = Ledger(client: client, keys: ["a", "b", "c"])
            try await ledger.open()
            let subscription = client.subscribe("news")
            var events = subscription.makeAsyncIterator()
            #expect(await events.next() == .reconnected)
            try await ledger.write(tasks: 20) {
                try await eventually("there is load") { ledger.now.acknowledged.values.reduce(0, +) > 2_000 }
                group.servers[0].kill()
                let killed = ContinuousClock.now
                try await eventually("another master is elected") {
                    try group.master().map { $0 !== group.servers[0] } ?? false
                }
                let elected = ContinuousClock.now
                let before = ledger.now.acknowledged.values.reduce(0, +)
                try await eventually("the load goes on") {
                    ledger.now.acknowledged.values.reduce(0, +) > before
                }
                print(
                    "killed master: elected after \(elected - killed), written again \(ContinuousClock.now - elected) "
                        + "later, doubts \(ledger.now.doubts), failures \(ledger.now.failures)")
            }
            #expect(ledger.now.doubts <= 20)
            #expect(await events.next() == .reconnected)
            for key in ledger.keys {
                let count = try await client.command(["GET", .string("{\(key)}:count")]).integer
                #expect(try await client.command(["SCARD", .string("{\(key)}:ids")]).integer == count)
            }
        }
        configuration.password = "wrong"
        try await withClient(configuration) { client in
            #expect(await client.failure(of: ["PING"], timeout: .seconds(30))?.code == .denied)
        }
    }

    @Test("a master that freezes is left when the Sentinels have replaced it; thawed, it is not gone back to")
    func frozen() async throws {
        let group = try await PrivateSentinel.start()
        try await withClient(configuration(group)) { client in
            try await client.waitUntilConnected()
            _ = try await client.command(["SET", "k", "before"])
            let victim = group.servers[0]
            victim.pause()
            let frozen = ContinuousClock.now
            let sent = await client.failure(of: ["SET", "k", "during"], timeout: .seconds(120))
            #expect(sent?.code == .outcomeUnknown)
            let noticed = ContinuousClock.now
            _ = try await client.command(["SET", "k", "after"], timeout: .seconds(120))
            let wait = ContinuousClock.now - noticed
            print("frozen master: given up after \(noticed - frozen), written again \(wait) later")
            let server = try #require(client.server())
            #expect(server.address != .tcp(host: "127.0.0.1", port: victim.port))
            // It takes itself for the master until the Sentinels tell it otherwise; what they do then is done here at
            // once, since they take eight seconds.
            victim.resume()
            #expect(try await client.command(["GET", "k"]).string == "after")
            guard case .tcp(let host, let port) = server.address else { return }
            try victim.command("REPLICAOF", host, "\(port)")
            try await eventually("the old master has what was written meanwhile") {
                try victim.command("GET", "k") == "after"
            }
            #expect(client.server() == server)
        }
    }
}

extension RedisConfiguration.Address {
    /// The port, where there is one.
    fileprivate var port: Int? {
        if case .tcp(_, let port) = self { port } else { nil }
    }
}
