import HoldfastMemoryStore
import HoldfastStorage
import Synchronization
import TestServers
import Testing

@Suite struct InboxTests {
    /// Handles what comes, and keeps the texts.
    final class Server: Sendable {
        private let texts = Mutex<[String]>([])
        private let task = Mutex<Task<Void, Never>?>(nil)
        var heard: [String] { texts.withLock { $0 } }

        init(
            _ inbox: Inbox<String>, redeliverAfter: Duration = .seconds(10), batch: Int = 16,
            handle: @escaping @Sendable (InboxDelivery<String>) async throws -> Void = { try await $0.acknowledge() }
        ) throws {
            let deliveries = try inbox.deliveries(redeliverAfter: redeliverAfter, batch: batch)
            let task = Task { [weak self] in
                for await delivery in deliveries {
                    self?.texts.withLock { $0.append((try? delivery.message) ?? "?") }
                    try? await handle(delivery)
                }
            }
            self.task.withLock { $0 = task }
        }

        deinit { task.withLock { $0 }?.cancel() }
    }

    @Test("messages arrive once and in order, and their senders learn it", arguments: RedisKind.allCases)
    func sendAndAcknowledge(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            let inbox = try memory.inbox(for: "lobby-1", of: String.self)
            let early = try await inbox.send("m0")
            let server = try Server(inbox)
            try await early.acknowledgement(within: .seconds(60))
            for number in 1...40 { try await inbox.send("m\(number)") }
            try await inbox.send("last").acknowledgement(within: .seconds(60))
            #expect(server.heard == (0...40).map { "m\($0)" } + ["last"])
        }
    }

    @Test("an inbox is one server's own")
    func addressed() async throws {
        try await withMemoryStore { memory, _ in
            let (one, two) = (
                try memory.inbox(for: "one", of: String.self), try memory.inbox(for: "two", of: String.self)
            )
            let servers = [try Server(one), try Server(two)]
            try await one.send("for one").acknowledgement(within: .seconds(60))
            try await two.send("for two").acknowledgement(within: .seconds(60))
            #expect(servers.map(\.heard) == [["for one"], ["for two"]])
        }
    }

    @Test("what is not acknowledged is delivered again, with its count")
    func redelivery() async throws {
        try await withMemoryStore { memory, _ in
            let inbox = try memory.inbox(for: "lobby", of: String.self)
            let counts = Mutex<[Int]>([])
            let server = try Server(inbox, redeliverAfter: .milliseconds(20)) { delivery in
                let count = counts.withLock { counts in
                    counts.append(delivery.deliveries)
                    return counts.count
                }
                if count == 3 { try await delivery.acknowledge() }
            }
            try await inbox.send("again").acknowledgement(within: .seconds(60))
            // One that waits too long in the process is left for the next delivery, and counts.
            let told = counts.withLock { $0 }
            #expect(told.count == 3 && zip(told, told.dropFirst()).allSatisfy { $0 < $1 }, "\(told)")
            #expect(server.heard == ["again", "again", "again"])
        }
    }

    @Test("a message of a server that died goes to the next one of its name")
    func successor() async throws {
        try await withMemoryStore { memory, _ in
            let inbox = try memory.inbox(for: "lobby", of: String.self)
            let taken = try inbox.deliveries(redeliverAfter: .milliseconds(30))
            let sent = try await inbox.send("m1")
            var dead = taken.makeAsyncIterator()
            #expect(try await dead.next()?.message == "m1")
            let server = try Server(inbox)
            try await sent.acknowledgement(within: .seconds(60))
            #expect(server.heard == ["m1"])
        }
    }

    @Test("an acknowledgement that Redis never got keeps the message from being handled twice")
    func lostAcknowledgement() async throws {
        let redis = try await PrivateRedis.start()
        try await withMemoryStore(on: redis, deployment: "test") { memory in
            let inbox = try memory.inbox(for: "lobby", of: String.self)
            let sent = try await inbox.send("once")
            let server = try Server(inbox, redeliverAfter: .milliseconds(20)) { delivery in
                // The script is refused, so that the message stays.
                try redis.command("ACL", "SETUSER", "default", "-zadd")
                defer { _ = try? redis.command("ACL", "SETUSER", "default", "+zadd") }
                try await delivery.acknowledge()
            }
            try await sent.acknowledgement(within: .seconds(60))
            try await inbox.send("next").acknowledgement(within: .seconds(60))
            #expect(server.heard == ["once", "next"])
        }
    }

    @Test("the same id is one message, also after its acknowledgement")
    func idempotence() async throws {
        try await withMemoryStore { memory, _ in
            let inbox = try memory.inbox(for: "lobby", of: String.self)
            let id = RandomID.random()
            try await inbox.send("m1", id: id)
            try await inbox.send("m1", id: id)
            let server = try Server(inbox)
            try await inbox.send("m2").acknowledgement(within: .seconds(60))
            try await inbox.send("m1", id: id).acknowledgement(within: .seconds(60))
            try await inbox.send("m3").acknowledgement(within: .seconds(60))
            #expect(server.heard == ["m1", "m2", "m3"])
        }
    }

    @Test("a sender learns that nobody answered, that a message expired, and that Redis lost it")
    func unanswered() async throws {
        let redis = try await PrivateRedis.start()
        try await withMemoryStore(on: redis, deployment: "test") { memory in
            let inbox = try memory.inbox(for: "lobby", of: String.self)
            let ignored = try await inbox.send("m1")
            #expect(await code { try await ignored.acknowledgement(within: .milliseconds(50)) } == .deadline)
            let brief = try await inbox.send("m2", expiresAfter: .milliseconds(1))
            #expect(await code { try await brief.acknowledgement(within: .seconds(60)) } == .notFound)
            try redis.flushAll()
            #expect(await code { try await ignored.acknowledgement(within: .seconds(60)) } == .notFound)
        }
    }

    @Test("everything arrives and is acknowledged when every hint is lost")
    func withoutHints() async throws {
        let redis = try await PrivateRedis.start()
        try await withMemoryStore(on: redis, deployment: "test") { memory in
            try redis.refuseChannels()
            let inbox = try memory.inbox(for: "lobby", of: String.self)
            let server = try Server(inbox)
            for number in 1...3 {
                try await inbox.send("m\(number)").acknowledgement(within: .seconds(60))
            }
            #expect(server.heard == ["m1", "m2", "m3"])
        }
    }

    @Test("an inbox is bounded, expired messages make room, and every key of it ends by itself")
    func bounded() async throws {
        let redis = try await PrivateRedis.start()
        try await withMemoryStore(on: redis, deployment: "test") { memory in
            let inbox = try memory.inbox(for: "lobby", of: String.self)
            for number in 1...10 { try await inbox.send("brief \(number)", expiresAfter: .milliseconds(1)) }
            for number in 1...990 { try await inbox.send("m\(number)") }
            for number in 991...1_000 { try await inbox.send("m\(number)") }
            #expect(await code { try await inbox.send("too many") } == .full)
            let server = try Server(inbox)
            try await eventually("all are heard") { server.heard.count == 1_000 }
            #expect(server.heard == (1...1_000).map { "m\($0)" })
            let keys = try redis.command("KEYS", "*").split(separator: "\n").map(String.init)
            #expect(!keys.isEmpty)
            // Some may have ended meanwhile.
            for key in keys { #expect(try redis.command("PTTL", key) != "-1", "\(key)") }
        }
    }

    @Test("bad input is refused before anything is sent")
    func badInput() async throws {
        try await withMemoryStore { memory, _ in
            for name in ["", String(repeating: "x", count: 129)] {
                #expect(await code { _ = try memory.inbox(for: name, of: String.self) } == .badInput)
            }
            let inbox = try memory.inbox(for: "{a}*?", of: String.self)
            #expect(await code { try await inbox.send("x", expiresAfter: .zero) } == .badInput)
            #expect(await code { try await inbox.send(String(repeating: "x", count: 32_767)) } == .badInput)
            #expect(await code { _ = try inbox.deliveries(batch: 0) } == .badInput)
            #expect(await code { _ = try inbox.deliveries(batch: 101) } == .badInput)
            #expect(await code { _ = try inbox.deliveries(redeliverAfter: .zero) } == .badInput)
        }
    }

    @Test("a message of another kind can be told and acknowledged")
    func unreadable() async throws {
        try await withMemoryStore { memory, _ in
            let numbers = try memory.inbox(for: "lobby", of: Int.self)
            let server = try Server(try memory.inbox(for: "lobby", of: String.self))
            try await numbers.send(7).acknowledgement(within: .seconds(60))
            #expect(server.heard == ["?"])
        }
    }
}
