import HoldfastMemoryStore
import HoldfastRedis
import HoldfastStorage
import TestServers
import Testing

@Suite struct AnnouncementTests {
    /// Runs a memory store with a durable side.
    static func with(
        _ kind: RedisKind = .standalone,
        _ body: @escaping @Sendable (MemoryStore, PrivateRedis, InMemoryStore) async throws -> Void
    ) async throws {
        let deployment = RandomID.random().description
        let store = try await inMemoryStore(deployment)
        try await withMemoryStore(kind, deployment: deployment, store: store) { memory, redis in
            try await body(memory, redis, store)
        }
    }

    @Test("every subscriber hears every announcement once and in order", arguments: RedisKind.allCases)
    func everybodyHears(_ kind: RedisKind) async throws {
        try await Self.with(kind) { memory, _, _ in
            let news = try memory.announcements("news", of: String.self)
            let listeners = [try await Listener(news), try await Listener(news)]
            for number in 1...3 {
                let receipt = try await news.publish("d\(number)")
                #expect(receipt.sequence == Int64(number))
                #expect(receipt.flavor == .durable)
            }
            for listener in listeners { try await listener.hears((1...3).map { .durable(Int64($0), "d\($0)") }) }
            #expect(try await news.publishFast("f1").sequence == 1)
            #expect(try await news.publishFast("f2").sequence == 2)
            let wanted = (1...3).map { Heard.durable(Int64($0), "d\($0)") } + [.fast(1, "f1"), .fast(2, "f2")]
            for listener in listeners { try await listener.hears(wanted) }
        }
    }

    @Test("whoever comes late hears what is still valid, from the beginning or from a number")
    func lateJoiners() async throws {
        try await Self.with { memory, _, _ in
            let news = try memory.announcements("news", of: String.self)
            for number in 1...4 { try await news.publish("d\(number)") }
            try await news.publishFast("f1")
            let all = try await Listener(news, from: .earliestValid)
            try await all.hears((1...4).map { .durable(Int64($0), "d\($0)") } + [.fast(1, "f1")])
            let some = try await Listener(news, from: .sequence(3))
            try await some.hears([.durable(3, "d3"), .durable(4, "d4")])
            let none = try await Listener(news, from: .sequence(99))
            try await news.publish("d5")
            try await none.hears([.durable(5, "d5")])
            try await some.hears([.durable(3, "d3"), .durable(4, "d4"), .durable(5, "d5")])
        }
    }

    @Test("what has expired is neither heard nor a gap")
    func expiry() async throws {
        try await Self.with { memory, _, _ in
            let news = try memory.announcements("news", of: String.self)
            try await news.publish("short", expiresAfter: .milliseconds(1))
            try await news.publish("long")
            try await news.publishFast("brief", expiresAfter: .milliseconds(1))
            try await news.publishFast("wide")
            try await Task.sleep(for: .milliseconds(5))
            let late = try await Listener(news, from: .earliestValid)
            try await late.hears([.durable(2, "long"), .fast(2, "wide")])
        }
    }

    @Test("a subscriber that left goes on behind its cursor")
    func cursors() async throws {
        try await Self.with { memory, _, _ in
            let news = try memory.announcements("news", of: String.self)
            let first = try await Listener(news)
            try await news.publish("d1")
            try await news.publishFast("f1")
            try await eventually("both are heard") { first.heard.count == 2 }
            first.stop()
            try await news.publish("d2")
            try await news.publishFast("f2")
            let cursor = try #require(AnnouncementCursor(first.cursor.description))
            #expect(cursor == first.cursor)
            let second = try await Listener(news, from: .after(cursor))
            try await second.hears([.durable(2, "d2"), .fast(2, "f2")])
        }
    }

    @Test("a fast channel needs no store, and a durable announcement says that it does")
    func needsStore() async throws {
        try await withMemoryStore { memory, _ in
            let news = try memory.announcements("news", of: String.self)
            let listener = try await Listener(news)
            try await news.publishFast("f1")
            try await listener.hears([.fast(1, "f1")])
            let code = await code { try await news.publish("d1") }
            #expect(code == .needsStore)
        }
    }

    @Test("subscriptions end with the memory store, and later ones are refused")
    func theEnd() async throws {
        let (listener, news) = try await withMemoryStore { memory, _ in
            let news = try memory.announcements("news", of: String.self)
            return (try await Listener(news), news)
        }
        try await eventually("the subscription ends") { listener.hasEnded }
        let code = await code { _ = try await news.subscribe() }
        #expect(code == .closed)
    }

    @Test("a value of another kind is reported and passed over")
    func unreadable() async throws {
        try await Self.with { memory, _, _ in
            let numbers = try memory.announcements("news", of: Int.self)
            let news = try memory.announcements("news", of: String.self)
            let listener = try await Listener(news)
            try await numbers.publish(7)
            try await news.publish("d2")
            try await listener.hears([.unreadable(1), .durable(2, "d2")])
        }
    }

    @Test("bad input is refused before anything is sent")
    func badInput() async throws {
        try await Self.with { memory, redis, _ in
            for name in ["", String(repeating: "x", count: 129)] {
                #expect(await code { _ = try memory.announcements(name, of: String.self) } == .badInput)
            }
            let news = try memory.announcements("{a}*?[b] é\n", of: String.self)
            let before = try redis.command("DBSIZE")
            for life in [Duration.zero, .seconds(-1), .seconds(46 * 86_400)] {
                #expect(await code { try await news.publish("x", expiresAfter: life) } == .badInput)
                #expect(await code { try await news.publishFast("x", expiresAfter: life) } == .badInput)
            }
            let large = String(repeating: "x", count: 32_767)
            #expect(await code { try await news.publish(large) } == .badInput)
            #expect(await code { try await news.publishFast(large) } == .badInput)
            #expect(try redis.command("DBSIZE") == before)
            let listener = try await Listener(news)
            let largest = String(repeating: "x", count: 32_766)
            try await news.publishFast(largest)
            try await listener.hears([.fast(1, largest)])
        }
    }

    @Test("the same id is one announcement")
    func idempotence() async throws {
        try await Self.with { memory, _, _ in
            let news = try memory.announcements("news", of: String.self)
            let listener = try await Listener(news)
            let id = RandomID.random()
            #expect(try await news.publish("d1", id: id).sequence == 1)
            #expect(try await news.publish("d1", id: id).sequence == 1)
            #expect(try await news.publish("d2").sequence == 2)
            try await listener.hears([.durable(1, "d1"), .durable(2, "d2")])
        }
    }
}
