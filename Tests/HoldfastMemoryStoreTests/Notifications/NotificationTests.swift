import HoldfastMemoryStore
import HoldfastStorage
import Synchronization
import TestServers
import Testing

@Suite struct NotificationTests {
    /// Runs a memory store with a durable side.
    static func with(
        _ body: @escaping @Sendable (Notifications<String>, PrivateRedis, MemoryStore) async throws -> Void
    ) async throws {
        let deployment = RandomID.random().description
        let store = try await inMemoryStore(deployment)
        try await withMemoryStore(deployment: deployment, store: store) { memory, redis in
            try await body(memory.notifications(of: String.self), redis, memory)
        }
    }

    static func texts(_ notifications: [Notification<String>]) -> [String] {
        notifications.map { (try? $0.note.get()) ?? "?" }
    }

    @Test("a player's notifications are listed in order, a page at a time, and are the player's own")
    func list() async throws {
        try await Self.with { mail, redis, _ in
            for number in 1...5 { try await mail.notify("7", "n\(number)") }
            try await mail.notify("8", "other")
            try redis.flushAll()
            let all = try await mail.list("7")
            #expect(Self.texts(all) == (1...5).map { "n\($0)" })
            let first = try await mail.list("7", limit: 2)
            #expect(Self.texts(first) == ["n1", "n2"])
            let cursor = try #require(first.last.flatMap { NotificationCursor($0.cursor.description) })
            #expect(Self.texts(try await mail.list("7", after: cursor)) == ["n3", "n4", "n5"])
            let foreign = NotificationCursor(generation: .random(), sequence: 4)
            #expect(Self.texts(try await mail.list("7", after: foreign)) == (1...5).map { "n\($0)" })
            #expect(try await mail.list("nobody").isEmpty)
        }
    }

    @Test("the same id is one notification, also after it was deleted")
    func idempotence() async throws {
        try await Self.with { mail, _, _ in
            let id = RandomID(hashing: "match:9:won")
            #expect(id == RandomID(hashing: "match:9:won"))
            #expect(id != RandomID(hashing: "match:9:wom"))
            for _ in 1...2 { try await mail.notify("7", "won", id: id) }
            #expect(Self.texts(try await mail.list("7")) == ["won"])
            try await mail.delete("7", [id])
            #expect(try await mail.list("7").isEmpty)
            try await mail.notify("7", "won", id: id)
            #expect(try await mail.list("7").isEmpty)
            #expect(try await mail.count("7") == NotificationCount(all: 0, unread: 0))
        }
    }

    @Test("notifications are marked and deleted, and counted as they stand")
    func marks() async throws {
        try await Self.with { mail, _, _ in
            for number in 1...3 { try await mail.notify("7", "n\(number)") }
            let all = try await mail.list("7")
            try await mail.markRead("7", [all[0].id, all[1].id, .random()])
            try await mail.markRead("7", [all[0].id])
            #expect(try await mail.list("7").map(\.isRead) == [true, true, false])
            #expect(try await mail.count("7") == NotificationCount(all: 3, unread: 1))
            try await mail.delete("7", [all[0].id, all[2].id])
            let left = try await mail.list("7")
            #expect(Self.texts(left) == ["n2"])
            #expect(left.map(\.isRead) == [true])
            #expect(try await mail.count("7") == NotificationCount(all: 1, unread: 0))
            try await mail.deleteAll("7")
            #expect(try await mail.count("7") == NotificationCount(all: 0, unread: 0))
            try await mail.notify("7", "new")
            #expect(Self.texts(try await mail.list("7", after: left[0].cursor)) == ["new"])
        }
    }

    @Test("a player has at most 200 notifications; deleted and expired ones make room")
    func bounded() async throws {
        try await Self.with { mail, _, _ in
            try await mail.notify("7", "brief", expiresAfter: .milliseconds(1))
            for number in 1...200 { try await mail.notify("7", "n\(number)", id: RandomID(hashing: "\(number)")) }
            #expect(await code { try await mail.notify("7", "too many") } == .full)
            // One that is there already is no new one.
            try await mail.notify("7", "n5", id: RandomID(hashing: "5"))
            try await mail.delete("7", (1...2).map { RandomID(hashing: "\($0)") })
            // A late repetition stays deleted and takes no room.
            try await mail.notify("7", "n1", id: RandomID(hashing: "1"))
            for number in 201...202 { try await mail.notify("7", "n\(number)") }
            #expect(await code { try await mail.notify("7", "too many") } == .full)
            #expect(Self.texts(try await mail.list("7")) == (3...202).map { "n\($0)" })
        }
    }

    @Test("marks are bounded too, and the newest stay")
    func manyMarks() async throws {
        try await Self.with { mail, _, _ in
            for round in 1...12 {
                let ids = (1...100).map { RandomID(hashing: "\(round):\($0)") }
                for id in ids { try await mail.notify("7", "n", id: id) }
                try await mail.delete("7", ids)
                #expect(try await mail.list("7").isEmpty)
            }
        }
    }

    @Test("marks that find the log full at the same time keep within its bound, and both are seen")
    func marksTogether() async throws {
        let deployment = RandomID.random().description
        let inner = try await inMemoryStore(deployment)
        let log = try SpaceName("notify-marks:7")
        // Counts reads and additions, once it is armed.
        let seen = Mutex<(reads: Int, additions: Int)?>(nil)
        // Nothing is written before both calls have read what there is, and no oldest marks are read before both have
        // been refused.
        let store = FailingStore(inner) { call in
            switch call.kind {
            case .entries:
                let reads = seen.withLock { now in
                    now?.reads += 1
                    return now?.reads ?? 0
                }
                guard reads > 4 else { break }
                try? await eventually("both additions") { seen.withLock { ($0?.additions ?? 2) >= 2 } }
            case .execute(let group):
                try? await eventually("all reads") { seen.withLock { ($0?.reads ?? 4) >= 4 } }
                let additions = group.count { if case .append(let append) = $0 { append.log == log } else { false } }
                seen.withLock { $0?.additions += additions }
            default: break
            }
            return .none
        }
        try await withMemoryStore(deployment: deployment, store: store) { memory, _ in
            let mail = memory.notifications(of: String.self)
            for round in 1...10 {
                let ids = (1...100).map { RandomID(hashing: "\(round):\($0)") }
                for id in ids { try await mail.notify("7", "n", id: id) }
                try await mail.delete("7", ids)
            }
            let ids = (1...200).map { RandomID(hashing: "last:\($0)") }
            for id in ids { try await mail.notify("7", "n", id: id) }
            seen.withLock { $0 = (0, 0) }
            async let first: Void = mail.markRead("7", Array(ids[..<100]))
            async let second: Void = mail.markRead("7", Array(ids[100...]))
            _ = try await (first, second)
            #expect(try await mail.count("7") == NotificationCount(all: 200, unread: 0))
            let marks = try await inner.entries(of: log, after: 1_000, limit: 1_000)
            #expect(marks?.entries.count == 200)
            let all = try await inner.entries(of: log, after: 0, limit: 1_000)
            #expect(all?.entries.last?.sequence == all?.lastSequence)
        }
    }

    @Test("whoever watches a player hears of what is there and of what comes")
    func watch() async throws {
        try await Self.with { mail, _, _ in
            try await mail.notify("7", "n1")
            let heard = Mutex<[String]>([])
            let watching = try mail.watch("7")
            let task = Task {
                for await next in watching { heard.withLock { $0.append((try? next.note.get()) ?? "?") } }
            }
            defer { task.cancel() }
            try await eventually("the first is heard") { heard.withLock { $0 } == ["n1"] }
            try await mail.notify("7", "n2")
            try await eventually("the second is heard") { heard.withLock { $0 } == ["n1", "n2"] }
            try await mail.notify("8", "other")
            try await mail.notify("7", "n3")
            try await eventually("the third is heard") { heard.withLock { $0 } == ["n1", "n2", "n3"] }
        }
    }

    @Test("notifications are sent while Redis is away")
    func withoutRedis() async throws {
        let redis = try await PrivateRedis.start()
        let store = try await inMemoryStore("test")
        try await withMemoryStore(on: redis, deployment: "test", store: store) { memory in
            redis.kill()
            let mail = memory.notifications(of: String.self)
            try await mail.notify("7", "n1")
            #expect(Self.texts(try await mail.list("7")) == ["n1"])
        }
    }

    @Test("bad input is refused before anything is sent, and a store is needed")
    func badInput() async throws {
        try await Self.with { mail, _, memory in
            for player in ["", String(repeating: "x", count: 129)] {
                #expect(await code { try await mail.notify(player, "x") } == .badInput)
                #expect(await code { _ = try await mail.list(player) } == .badInput)
                #expect(await code { _ = try mail.watch(player) } == .badInput)
            }
            #expect(await code { try await mail.notify("7", "x", expiresAfter: .zero) } == .badInput)
            #expect(await code { try await mail.notify("7", String(repeating: "x", count: 32_767)) } == .badInput)
            #expect(await code { _ = try await mail.list("7", limit: 0) } == .badInput)
            #expect(await code { _ = try await mail.list("7", limit: 201) } == .badInput)
            #expect(await code { try await mail.delete("7", []) } == .badInput)
            #expect(await code { try await mail.markRead("7", (0...100).map { _ in .random() }) } == .badInput)
            try await memory.notifications(of: Int.self).notify("7", 5)
            let found = try await mail.list("7")
            #expect(found.count == 1)
            #expect(await code { _ = try found[0].note.get() } == .corrupt)
        }
        try await withMemoryStore { memory, _ in
            let mail = memory.notifications(of: String.self)
            #expect(await code { try await mail.notify("7", "x") } == .needsStore)
            #expect(await code { _ = try await mail.list("7") } == .needsStore)
        }
        for text in ["", "x", "\(RandomID.random())", "\(RandomID.random()).-1", "\(RandomID.random()).01"] {
            #expect(NotificationCursor(text) == nil)
        }
    }
}
