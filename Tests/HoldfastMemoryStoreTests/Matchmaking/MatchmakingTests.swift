import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import ModelTesting
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite struct MatchmakingTests {
    private static let long = Duration.seconds(600)

    @Test("random histories agree with a dictionary, late matchmakers included", arguments: RedisKind.allCases)
    func histories(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            try await checkHistories(500, firstSeed: kind.firstSeed) { try TicketModel(memory) }
        }
    }

    @Test("whoever matches and cancels at the same time, a ticket is matched once or cancelled, never both")
    func concurrency() async throws {
        let server = try await RedisKind.standalone.server()
        let deployment = RandomID.random().description
        let cancelled = Names()
        let isDone = Flag()
        let ids = (0..<200).map { "t\($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    try await withMemoryStore(on: server, deployment: deployment) { memory in
                        let matchmaker = try Matchmaker(memory.tickets("p"), rules: MatchRules(players: 3...3))
                        while !isDone.isRaised { _ = try await matchmaker.round() }
                    }
                }
            }
            group.addTask {
                try await withMemoryStore(on: server, deployment: deployment) { memory in
                    let pool = try memory.tickets("p")
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for (index, id) in ids.enumerated() {
                            group.addTask {
                                try await pool.add(Ticket(id: id, players: [id]), expiresAfter: .seconds(3_600))
                                guard index.isMultiple(of: 3) else { return }
                                do throws(MemoryStoreError) {
                                    try await expect(pool.cancel(id), is: true)
                                    cancelled.insert(id)
                                } catch {
                                    #expect(error.code == .conflict)
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                    try await eventually("all that can be are matched") { try await pool.list().count < 3 }
                    isDone.raise()
                }
            }
            try await group.waitForAll()
        }
        try await withMemoryStore(on: server, deployment: deployment) { memory in
            let pool = try memory.tickets("p")
            var matches: [String: TicketMatch] = [:]
            var waiting = 0
            for id in ids {
                switch try await pool.state(of: id) {
                case .matched(let match):
                    #expect(!cancelled.all.contains(id))
                    #expect(match.tickets.contains { $0.id == id })
                    matches[match.id] = match
                case .cancelled: #expect(cancelled.all.contains(id))
                case .waiting: waiting += 1
                case .absent: Issue.record("\(id) was lost")
                }
            }
            let players = matches.values.flatMap(\.players)
            #expect(Set(players).count == players.count)
            #expect(players.count + waiting + cancelled.all.count == ids.count)
        }
    }

    @Test("a match reaches those who wait for it with what the server added, by a hint", arguments: RedisKind.allCases)
    func delivery(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            let pool = try memory.tickets("{ranked} 🙂*")
            let matchmaker = try Matchmaker(pool, rules: MatchRules(players: 2...2), interval: .seconds(60)) { match in
                ["server": "arena-1", "players": .array(match.players.map { .string($0) })]
            }
            try await running(matchmaker) {
                try await pool.add(Ticket(id: "one", players: ["Ada"]), expiresAfter: Self.long)
                async let first = pool.wait(for: "one", atMost: .seconds(60))
                try await pool.add(Ticket(id: "two", players: ["Bob"]), expiresAfter: Self.long)
                let state = try await first
                guard case .matched(let match) = state else {
                    Issue.record("it is \(state)")
                    return
                }
                #expect(match.details == ["server": "arena-1", "players": ["Ada", "Bob"]])
                try await expect(pool.state(of: "two"), is: state)
            }
        }
    }

    @Test("who waits learns of the end also where every hint is lost")
    func withoutHints() async throws {
        try await withMemoryStore { memory, server in
            let pool = try memory.tickets("p")
            try await pool.add(Ticket(id: "one", players: ["Ada"]), expiresAfter: Self.long)
            async let waiting = pool.wait(for: "one", atMost: .seconds(60))
            let keys = ["tickets", "waiting", "ends", "result:one"].map {
                String(decoding: pool.keys[$0], as: UTF8.self)
            }
            try server.run(["EVAL", Script.Ticket.cancel.source, "4"] + keys + ["one", "60000", "nowhere", "one"])
            #expect(try await waiting == .cancelled)
        }
    }

    @Test("tickets are added, matched and cancelled where no hint may be sent, or a key of the pool has vanished")
    func refusedHints() async throws {
        // Without the users whose refusals fail a test: here some are wanted.
        var options = PrivateRedis.Options()
        options.accessControl = false
        let redis = try await PrivateRedis.start(options)
        defer { redis.stop() }
        try await withMemoryStore(redis.configuration(), deployment: "test") { memory in
            #expect(try redis.command("ACL", "SETUSER", "default", "resetchannels") == "OK")
            let pool = try memory.tickets("p")
            for id in ["one", "two"] {
                try await pool.add(Ticket(id: id, players: [id]), expiresAfter: Self.long)
            }
            try await expect(pool.cancel("one"), is: true)
            let round = try await Matchmaker(pool, rules: MatchRules(players: 1...1)).round()
            #expect(round == 1)
            let state = try await pool.wait(for: "two", atMost: .seconds(60))
            if case .matched = state {} else { Issue.record("the ticket is \(state)") }

            try await pool.add(Ticket(id: "three", players: ["three"]), expiresAfter: .milliseconds(1))
            try redis.command("DEL", String(decoding: pool.keys["tickets"], as: UTF8.self))
            try await pool.add(Ticket(id: "four", players: ["four"]), expiresAfter: Self.long)
            try await expect(pool.list().map(\.ticket.id), is: ["four"])
        }
    }

    @Test("a wait ends with its time, with the ticket's, and with the task")
    func waits() async throws {
        try await withMemoryStore { memory, _ in
            let pool = try memory.tickets("p")
            try await pool.add(Ticket(id: "long", players: ["Ada"]), expiresAfter: Self.long)
            try await pool.add(Ticket(id: "short", players: ["Bob"]), expiresAfter: .milliseconds(50))
            try await expect(pool.wait(for: "long", atMost: .milliseconds(20)), is: .waiting)
            try await expect(pool.wait(for: "short", atMost: .seconds(60)), is: .absent)
            let task = Task { try await pool.wait(for: "long", atMost: .seconds(60)) }
            task.cancel()
            let end = await task.result
            if case .success(let state) = end { #expect(state == .waiting) }
            if case .failure(let error) = end { #expect((error as? MemoryStoreError)?.code == .deadline) }
        }
    }

    @Test("one matchmaker has the duty, gives it back when it ends, and is followed when it dies")
    func duty() async throws {
        try await withMemoryStore { memory, server in
            let pool = try memory.tickets("p")
            let rules = try MatchRules(players: 2...2)
            func pair(_ name: String) async throws {
                for side in ["a", "b"] {
                    try await pool.add(Ticket(id: name + side, players: [name + side]), expiresAfter: Self.long)
                }
            }
            // One that died a moment ago, and whose time is over soon.
            let dead = RandomID.random()
            try await expect(pool.duty(dead, life: Self.long, takes: true), is: true)
            try await expect(pool.duty(.random(), life: Self.long, takes: true), is: false)
            try await expect(pool.duty(.random(), life: Self.long, takes: false), is: false)
            try server.command("PEXPIRE", String(decoding: pool.keys["duty"], as: UTF8.self), "200")
            let first = try Matchmaker(pool, rules: rules, interval: .milliseconds(50))
            try await running(first) {
                try await pair("x")
                try await eventually("the duty is taken over") {
                    if case .matched = try await pool.state(of: "xa") { true } else { false }
                }
                try await expect(pool.duty(.random(), life: Self.long, takes: true), is: false)
            }
            try await expect(pool.duty(.random(), life: Self.long, takes: true), is: true)
        }
    }

    @Test("tickets whose assignment fails wait on, and are matched later")
    func failedAssignment() async throws {
        struct NoServer: Error {}
        try await withMemoryStore { memory, _ in
            let pool = try memory.tickets("p")
            let hasServer = Flag()
            let matchmaker = try Matchmaker(pool, rules: MatchRules(players: 1...1)) { _ in
                guard hasServer.isRaised else { throw NoServer() }
                return "here"
            }
            try await pool.add(Ticket(id: "t", players: ["Ada"]), expiresAfter: Self.long)
            try await expect(matchmaker.round(), is: 0)
            try await expect(pool.state(of: "t"), is: .waiting)
            hasServer.raise()
            try await expect(matchmaker.round(), is: 1)
        }
    }

    @Test("a lost request or reply changes nothing", arguments: [LossyRelay.Loss.request, .reply])
    func lostReply(loss: LossyRelay.Loss) async throws {
        try await withRelay { memory, relay in
            let pool = try memory.tickets("p")
            let matchmaker = try Matchmaker(pool, rules: MatchRules(players: 2...2))
            relay.lose(loss, containing: "Ada", count: 2)
            try await pool.add(Ticket(id: "a", players: ["Ada"]), expiresAfter: Self.long)
            #expect(relay.isDone)
            try await pool.add(Ticket(id: "b", players: ["Bob"]), expiresAfter: Self.long)
            try await expect(pool.list().count, is: 2)
            relay.lose(loss, containing: "match:")
            try await expect(matchmaker.round(), is: 1)
            #expect(relay.isDone)
            let state = try await pool.state(of: "a")
            try await expect(pool.state(of: "b"), is: state)
            try await pool.add(Ticket(id: "c", players: ["Cid"]), expiresAfter: Self.long)
            relay.lose(loss, containing: "\r\nc\r\n")
            try await expect(pool.cancel("c"), is: true)
            #expect(relay.isDone)
        }
    }

    @Test("an add that is repeated after its ticket was cancelled does not bring it back")
    func lateRepetition() async throws {
        try await withMemoryStore { memory, _ in
            let pool = try memory.tickets("p")
            func add(_ nonce: String) async throws -> String {
                let keys = ["tickets", "waiting", "ends", "result:t"].map { pool.keys[$0] }
                let reply = try await memory.context.evaluate(
                    .Ticket.add, keys: keys,
                    [
                        "t", #"{"id":"t","numbers":{},"players":["Ada"],"texts":{}}"#, 60_000, .string(nonce), 10,
                        "hf1:h",
                    ])
                return try ScriptReply(.Ticket.add, reply).code
            }
            #expect(try await add("nonce--1") == "ADDED")
            #expect(try await pool.cancel("t"))
            #expect(try await add("nonce--1") == "ADDED")
            try await expect(pool.state(of: "t"), is: .cancelled)
            #expect(try await add("nonce--2") == "TAKEN")
        }
    }

    @Test("bad input is refused before anything is sent, and a full pool says so")
    func badInput() async throws {
        try await withMemoryStore { memory, server in
            let pool = try memory.tickets("bad input")
            let long = String(repeating: "é", count: 129)
            for name in ["", long] {
                #expect(await code { _ = try memory.tickets(name) } == .badInput)
                #expect(await code { try await pool.cancel(name) } == .badInput)
                #expect(await code { _ = try await pool.state(of: name) } == .badInput)
            }
            let tickets = [
                Ticket(id: "", players: ["a"]), Ticket(id: long, players: ["a"]), Ticket(id: "t", players: []),
                Ticket(id: "t", players: ["a", "a"]), Ticket(id: "t", players: (0...100).map { "\($0)" }),
                Ticket(id: "t", players: ["a"], numbers: ["skill": .nan]),
                Ticket(id: "t", players: ["a"], texts: ["x": String(repeating: "x", count: 2_048)]),
            ]
            for ticket in tickets {
                #expect(await code { try await pool.add(ticket, expiresAfter: Self.long) } == .badInput)
            }
            for life in [Duration.zero, .seconds(-1), .seconds(86_401)] {
                #expect(
                    await code { try await pool.add(Ticket(id: "t", players: ["a"]), expiresAfter: life) } == .badInput)
            }
            let rules = try MatchRules(players: 2...2)
            for interval in [Duration.zero, .seconds(61)] {
                #expect(await code { _ = try Matchmaker(pool, rules: rules, interval: interval) } == .badInput)
            }
            #expect(try server.command("--scan", "--pattern", "*bad%20input*") == "")
        }
    }

    @Test("a pool that is full refuses tickets until some have gone, expired ones included")
    func full() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let pool = try memory.at(clock).tickets("p")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<50 {
                    group.addTask {
                        for index in 0..<200 {
                            let id = "\(task)-\(index)"
                            try await pool.add(Ticket(id: id, players: [id]), expiresAfter: .seconds(1))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let last = Ticket(id: "last", players: ["a"])
            #expect(await code { try await pool.add(last, expiresAfter: Self.long) } == .full)
            try await expect(pool.list().count, is: 10_000)
            clock.advance(1_000)
            try await pool.add(last, expiresAfter: Self.long)
            try await expect(pool.list().map(\.ticket.id), is: ["last"])
        }
    }

    @Test("every key of a pool goes by itself")
    func keysExpire() async throws {
        let server = try await PrivateRedis.start()
        try await withMemoryStore(on: server, deployment: "d") { memory in
            let pool = try memory.tickets("p")
            for id in ["a", "b", "c", "d"] {
                try await pool.add(Ticket(id: id, players: [id]), expiresAfter: Self.long)
            }
            _ = try await Matchmaker(pool, rules: MatchRules(players: 3...3)).round()
            try await pool.add(Ticket(id: "e", players: ["e"]), expiresAfter: Self.long)
            try await pool.cancel("e")
            _ = try await pool.duty(.random(), life: Self.long, takes: true)
            let keys = try server.command("KEYS", "*").split(separator: "\n").map(String.init)
            #expect(keys.count == 9)
            for key in keys { #expect((Int(try server.command("PTTL", key)) ?? -1) > 0, "\(key)") }
        }
    }

    /// Runs a matchmaker beside `body` and lets it end in order.
    private func running(_ matchmaker: Matchmaker, _ body: () async throws -> Void) async throws {
        let task = Task { await matchmaker.run() }
        do {
            try await body()
        } catch {
            task.cancel()
            throw error
        }
        task.cancel()
        await task.value
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .sequentiallyConsistent) }

    func raise() { value.store(true, ordering: .sequentiallyConsistent) }
}

private final class Names: Sendable {
    private let names = Mutex<Set<String>>([])

    var all: Set<String> { names.withLock { $0 } }

    func insert(_ name: String) { names.withLock { _ = $0.insert(name) } }
}
