import HoldfastMemoryStore
import HoldfastRedis
import HoldfastStorage
import TestServers
import Testing

@Suite struct AnnouncementFaultTests {
    /// Runs a memory store with a durable side on a Redis of its own.
    static func with(
        _ kind: RedisKind = .standalone,
        _ body: @escaping @Sendable (MemoryStore, PrivateRedis, InMemoryStore) async throws -> Void
    ) async throws {
        var options = PrivateRedis.Options()
        options.clusterMode = kind == .cluster
        let redis = try await PrivateRedis.start(options)
        let deployment = RandomID.random().description
        let store = try await inMemoryStore(deployment)
        try await withMemoryStore(on: redis, deployment: deployment, store: store) { memory in
            try await body(memory, redis, store)
        }
    }

    @Test("everything is heard when every hint is lost, only later")
    func withoutHints() async throws {
        try await Self.with(.cluster) { memory, redis, _ in
            // Nobody may publish or subscribe to a Pub/Sub channel.
            try redis.refuseChannels()
            let news = try memory.announcements("news", of: String.self)
            let listener = try await Listener(news)
            try await news.publish("d1")
            try await news.publish("d2")
            try await listener.hears([.durable(1, "d1"), .durable(2, "d2")])
            try await news.publishFast("f1")
            try await listener.hears([.durable(1, "d1"), .durable(2, "d2"), .fast(1, "f1")])
        }
    }

    @Test("after FLUSHALL durable announcements come back and nobody hears one twice", arguments: RedisKind.allCases)
    func flushed(_ kind: RedisKind) async throws {
        try await Self.with(kind) { memory, redis, _ in
            let news = try memory.announcements("news", of: String.self)
            let listener = try await Listener(news)
            try await news.publish("d1")
            try await news.publish("d2")
            try await listener.hears([.durable(1, "d1"), .durable(2, "d2")])
            try redis.flushAll()
            try await news.publish("d3")
            try await listener.hears([.durable(1, "d1"), .durable(2, "d2"), .durable(3, "d3")])
            let late = try await Listener(news, from: .earliestValid)
            try await late.hears([.durable(1, "d1"), .durable(2, "d2"), .durable(3, "d3")])
            try redis.flushAll()
            let later = try await Listener(news, from: .after(AnnouncementCursor(durable: late.cursor.durable)))
            let now = try await Listener(news)
            try await news.publish("d4")
            try await listener.hears((1...4).map { .durable(Int64($0), "d\($0)") })
            try await later.hears([.durable(4, "d4")])
            try await now.hears([.durable(4, "d4")])
        }
    }

    @Test("after FLUSHALL subscribers are told of a gap in the fast announcements")
    func flushedFast() async throws {
        try await Self.with { memory, redis, _ in
            let news = try memory.announcements("news", of: String.self)
            let listener = try await Listener(news)
            try await news.publishFast("f1")
            try await listener.hears([.fast(1, "f1")])
            try redis.flushAll()
            try await listener.hears([.fast(1, "f1"), .gap(.fast, from: 2, to: nil)])
            try await news.publishFast("again")
            try await listener.hears([.fast(1, "f1"), .gap(.fast, from: 2, to: nil), .fast(1, "again")])
        }
    }

    @Test("a Redis that was restarted may have lost fast announcements, which subscribers are told")
    func restarted() async throws {
        var options = PrivateRedis.Options()
        options.appendOnly = true
        let redis = try await PrivateRedis.start(options)
        try await withMemoryStore(on: redis, deployment: "test") { memory in
            let news = try memory.announcements("news", of: String.self)
            let listener = try await Listener(news)
            try await news.publishFast("f1")
            try await listener.hears([.fast(1, "f1")])
            try await redis.restart()
            try await listener.hears([.fast(1, "f1"), .gap(.fast, from: 2, to: nil)])
            try await news.publishFast("f2")
            try await listener.hears([.fast(1, "f1"), .gap(.fast, from: 2, to: nil), .fast(2, "f2")])
        }
    }

    @Test("when Redis goes back, durable announcements are heard once, and a gap tells of the fast ones")
    func rolledBack() async throws {
        try await Self.with { memory, redis, _ in
            let news = try memory.announcements("news", of: String.self)
            let listener = try await Listener(news)
            for number in 1...2 { try await news.publish("d\(number)") }
            for number in 1...2 { try await news.publishFast("f\(number)") }
            try await eventually("all are heard") { listener.heard.count == 4 }
            try redis.takeNote()
            for number in 3...4 { try await news.publish("d\(number)") }
            for number in 3...4 { try await news.publishFast("f\(number)") }
            try await eventually("all are heard") { listener.heard.count == 8 }
            try redis.goBack()
            try await news.publishFast("other 3")
            try await news.publish("d5")
            try await eventually("the rest is heard") { listener.heard.count == 11 }
            let durable = listener.heard.filter { if case .durable = $0 { true } else { false } }
            let fast = listener.heard.filter { if case .durable = $0 { false } else { true } }
            #expect(durable == (1...5).map { .durable(Int64($0), "d\($0)") })
            let wanted = (1...4).map { Heard.fast(Int64($0), "f\($0)") }
            #expect(fast == wanted + [.gap(.fast, from: 5, to: nil), .fast(3, "other 3")])
            let late = try await Listener(news, from: .earliestValid)
            try await eventually("a late one hears all") { late.heard.count == 8 }
        }
    }

    @Test("an announcement whose publisher died after the commit is heard")
    func orphan() async throws {
        try await Self.with { memory, _, store in
            let news = try memory.announcements("news", of: String.self)
            let listener = try await Listener(news)
            let entry = AppendRequest.Entry(id: .random(), value: Array(#""d1""#.utf8), timeToLiveMillis: 60_000)
            _ = try await store.execute([.append(AppendRequest(log: SpaceName("announce:news"), entries: [entry]))])
            try await listener.hears([.durable(1, "d1")])
            try await news.publish("d2")
            try await listener.hears([.durable(1, "d1"), .durable(2, "d2")])
        }
    }

    @Test("a durable announcement is accepted while Redis is away, and heard when it is back")
    func withoutRedis() async throws {
        try await Self.with { memory, redis, _ in
            let news = try memory.announcements("news", of: String.self)
            let listener = try await Listener(news)
            try await news.publish("d1")
            try await listener.hears([.durable(1, "d1")])
            redis.kill()
            try await news.publish("d2")
            try await redis.restart()
            try await eventually("d2 is heard") { listener.heard.contains(.durable(2, "d2")) }
            #expect(listener.heard.filter { $0 == .durable(1, "d1") }.count == 1)
        }
    }

    @Test("a log that the store lost is told as a gap, and the new one heard")
    func otherLog() async throws {
        try await Self.with { memory, _, store in
            let news = try memory.announcements("news", of: String.self)
            let listener = try await Listener(news)
            try await news.publish("d1")
            try await listener.hears([.durable(1, "d1")])
            try await store.dropSpace(SpaceName("announce:news"))
            try await news.publish("new")
            try await listener.hears([.durable(1, "d1"), .gap(.durable, from: 2, to: nil), .durable(1, "new")])
        }
    }

    @Test("who is behind what gave way gets a gap, then the rest")
    func gaveWay() async throws {
        try await Self.with { memory, _, _ in
            let news = try memory.announcements("news", of: String.self)
            let first = try await Listener(news)
            try await news.publishFast("1")
            try await news.publish("1")
            try await eventually("both are heard") { first.heard.count == 2 }
            first.stop()
            for number in 2...1_011 { try await news.publishFast("\(number)") }
            // Few at a time, so that none of them waits for long.
            for _ in 0..<21 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<60 { group.addTask { try await news.publish("x") } }
                    try await group.waitForAll()
                }
            }
            let second = try await Listener(news, from: .after(first.cursor))
            try await eventually("the rest is heard") { second.heard.count >= 2_002 }
            let fast = second.heard.filter {
                switch $0 {
                case .fast, .gap(.fast, _, _): true
                default: false
                }
            }
            #expect(fast == [.gap(.fast, from: 2, to: 11)] + (12...1_011).map { .fast($0, "\($0)") })
            let durable = second.heard.filter { !fast.contains($0) }
            #expect(durable == [.gap(.durable, from: 2, to: 261)] + (262...1_261).map { .durable($0, "x") })
            let late = try await Listener(news, from: .earliestValid)
            try await eventually("a late one hears what is left") { late.heard.count == 2_000 }
            #expect(late.heard.allSatisfy { if case .gap = $0 { false } else { true } })
        }
    }

    @Test("a slow reader reads the log again and misses nothing")
    func slowReader() async throws {
        try await Self.with { memory, _, _ in
            let news = try memory.announcements("news", of: String.self)
            let subscription = try await news.subscribe()
            var slow = subscription.makeAsyncIterator()
            let quick = try await Listener(news)
            let padding = String(repeating: "x", count: 30_000)
            try await news.publishFast("1\(padding)")
            guard case .message(let first) = await slow.next() else { throw TestServerError("nothing came") }
            #expect(first.sequence == 1)
            // More than a process keeps in memory for its readers.
            for number in 2...300 { try await news.publishFast("\(number)\(padding)") }
            try await eventually("the quick one heard all") { quick.heard.count == 300 }
            for number in 2...300 {
                guard case .message(let next) = await slow.next() else { throw TestServerError("no message came") }
                #expect(next.sequence == Int64(number))
                #expect(next.value.utf8.starts(with: "\(number)x".utf8))
            }
            try await news.publishFast("last")
            guard case .message(let last) = await slow.next() else { throw TestServerError("no message came") }
            #expect(last.value == "last")
        }
    }
}
