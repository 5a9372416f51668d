import HoldfastStorage
import Logging
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite struct DurableQueueTests {
    private static let long = Duration.seconds(600)

    /// Runs a memory store with a durable side; nobody else uses the Redis.
    private static func with(
        _ kind: RedisKind = .standalone,
        decide: @escaping @Sendable (FailingStore.Call) async -> FailingStore.Fault = { _ in .none },
        _ body: @escaping @Sendable (MemoryStore, PrivateRedis, any DurableStore) async throws -> Void
    ) async throws {
        var options = PrivateRedis.Options()
        options.clusterMode = kind == .cluster
        let redis = try await PrivateRedis.start(options)
        defer { redis.stop() }
        let deployment = RandomID.random().description
        let store = InMemoryStore(deployment: deployment)
        _ = try await store.migrate(DeploymentTimings())
        try await withMemoryStore(on: redis, deployment: deployment, store: FailingStore(store, decide: decide)) {
            try await body($0, redis, store)
        }
    }

    private static func entries(_ store: any DurableStore, _ queue: String = "d") async throws -> [String] {
        let page = try await store.entries(of: SpaceName("queue:\(queue)"), after: 0, limit: 1_000)
        return (page?.entries ?? []).map { String(decoding: $0.value, as: UTF8.self) }
    }

    private static func duties(_ memory: MemoryStore) -> QueueDuties {
        QueueDuties(memory.context, hub: memory.queueHub)
    }

    /// Keeps the duties from everybody for the test's own calls, as another process on duty does.
    private static func holdDuties(_ memory: MemoryStore) async {
        for duty in ["pump", "sweep", "scrub"] {
            while await !QueueRegistry(memory.context).takeOn(duty, for: .seconds(600)) {
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    @Test("durable and fast items share the order in which Redis takes them", arguments: RedisKind.allCases)
    func order(_ kind: RedisKind) async throws {
        try await Self.with(kind) { memory, _, store in
            let queue = try memory.queue("d", of: Int.self)
            try await queue.add(contentsOf: [1, 2], expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            try await queue.add(3, expiresAfter: Self.long)
            try await queue.add(4, expiresAfter: Self.long, priority: 1, durable: true)
            try await queue.synchronize()
            let batch = try #require(try await queue.read(10))
            #expect(batch.values == [4, 1, 2, 3])
            #expect(batch.items.map(\.isDurable) == [true, true, true, false])
            try await expect(Self.entries(store), is: ["1", "2", "4"])
            try await queue.remove(batch.id)
            try await expect(Self.entries(store), is: [])
        }
    }

    @Test("a durable item reaches readers by itself")
    func pumped() async throws {
        try await Self.with { memory, _, _ in
            let queue = try memory.queue("d", of: Int.self)
            try await queue.add(1, expiresAfter: Self.long, durable: true)
            let batch = try await queue.read(waitingUpTo: .seconds(30))
            #expect(batch?.values == [1])
        }
    }

    @Test(
        "Redis loses everything: every durable item that was not removed is delivered again, no other",
        arguments: RedisKind.allCases)
    func flush(_ kind: RedisKind) async throws {
        try await Self.with(kind) { memory, redis, store in
            let queue = try memory.queue("d", of: Int.self, options: QueueOptions(maximumAttempts: 2))
            try await queue.add(contentsOf: Array(0..<50), expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            let removed = try #require(try await queue.read(10))
            try await queue.remove(removed.id)
            let held = try #require(try await queue.read(10))
            // Ten more die.
            for _ in 0..<2 {
                let batch = try #require(try await queue.read(10))
                try await queue.release(batch.id)
            }
            try await expect(queue.shared.counts().dead, is: 10)
            try redis.flushAll()
            try await queue.add(contentsOf: Array(50..<60), expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            // Attempts are counted anew, dead letters get another chance, and the reader of before holds nothing.
            try await expect(queue.remove(held.id), is: false)
            let again = try #require(try await queue.read(100))
            #expect(again.values == Array(10..<60))
            #expect(again.items.allSatisfy { $0.attempts == 1 })
            try await queue.remove(again.id)
            try await expect(Self.entries(store), is: [])
        }
    }

    @Test("a crash between the store and Redis loses nothing: whoever is on duty pushes the rest")
    func crashBeforePush() async throws {
        try await Self.with { memory, _, store in
            await Self.holdDuties(memory)
            let queue = try memory.queue("d", of: Int.self)
            let entries = (1...150).map {
                AppendRequest.Entry(id: .random(), value: Array("\($0)".utf8), timeToLiveMillis: 60_000)
            }
            for part in [entries.prefix(100), entries.suffix(50)] {
                _ = try await store.execute([.append(AppendRequest(log: SpaceName("queue:d"), entries: Array(part)))])
            }
            try await expect(queue.size(), is: 0)
            await Self.duties(memory).pump()
            try await expect(queue.size(), is: 150)
            await Self.duties(memory).pump()
            try await expect(queue.drain(), is: Array(1...150))
        }
    }

    @Test("a crash between Redis and the store is scrubbed; only the loss of Redis in between delivers again")
    func crashBeforeTrim() async throws {
        let shared = SharedFlag()
        try await Self.with(
            decide: { call in
                guard shared.isRaised, case .execute(let requests) = call.kind else { return .none }
                return requests.contains { if case .trim = $0 { true } else { false } } ? .before() : .none
            },
            { memory, redis, store in
                await Self.holdDuties(memory)
                let queue = try memory.queue("d", of: Int.self)
                try await queue.add(contentsOf: [1, 2, 3], expiresAfter: Self.long, durable: true)
                try await queue.synchronize()
                shared.raise(true)
                let batch = try #require(try await queue.read(2))
                try await expect(queue.remove(batch.id), is: true)
                try await expect(Self.entries(store), is: ["1", "2", "3"])
                shared.raise(false)
                var places: [SpaceName: Int64] = [:]
                await Self.duties(memory).scrub(&places)
                try await expect(Self.entries(store), is: ["3"])

                shared.raise(true)
                let last = try #require(try await queue.read(1))
                try await queue.remove(last.id)
                try redis.flushAll()
                shared.raise(false)
                // Nothing is known to be delivered any more, so nothing may be scrubbed.
                await Self.duties(memory).scrub(&places)
                await Self.duties(memory).pump()
                try await expect(queue.order(), is: [3])
            })
    }

    @Test("the scrub leaves alone what waits, is invisible, is dead, or was not pushed yet")
    func scrubIsCareful() async throws {
        try await Self.with { memory, _, store in
            let queue = try memory.queue("d", of: Int.self, options: QueueOptions(maximumAttempts: 1))
            try await queue.add(contentsOf: Array(0..<50), expiresAfter: Self.long, durable: true)
            try await queue.add(contentsOf: Array(50..<150), expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            let dead = try #require(try await queue.read(5))
            try await queue.release(dead.id)
            _ = try await queue.read(5)
            let before = try await Self.entries(store)
            #expect(before.count == 150)
            _ = try await store.execute([
                .append(
                    AppendRequest(
                        log: SpaceName("queue:d"), entries: [.init(id: .random(), value: Array("999".utf8))]))
            ])
            var places: [SpaceName: Int64] = [:]
            for _ in 0..<3 { await Self.duties(memory).scrub(&places) }
            try await expect(Self.entries(store), is: before + ["999"])
        }
    }

    @Test("an append whose answer was lost is repeated and adds once")
    func lostAnswer() async throws {
        let shared = SharedFlag()
        shared.raise(true)
        try await Self.with(
            decide: { call in
                guard case .execute = call.kind, shared.lower() else { return .none }
                return .after()
            },
            { memory, _, store in
                let queue = try memory.queue("d", of: Int.self)
                let ids = try await queue.add(contentsOf: [1, 2], expiresAfter: Self.long, durable: true)
                try await expect(Self.entries(store), is: ["1", "2"])
                // The caller may repeat it, too.
                try await queue.add(contentsOf: [1, 2], expiresAfter: Self.long, durable: true, ids: ids)
                try await queue.synchronize()
                try await expect(queue.drain(), is: [1, 2])
            })
    }

    @Test("an older Redis comes back: nothing is lost, and what was removed since may come again")
    func rollback() async throws {
        try await Self.with { memory, redis, store in
            let queue = try memory.queue("d", of: Int.self)
            try await queue.add(contentsOf: [1, 2, 3], expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            try redis.takeNote()
            let batch = try #require(try await queue.read(1))
            try await queue.remove(batch.id)
            try await queue.add(contentsOf: [4, 5], expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            let other = try #require(try await queue.read(3))
            #expect(other.values == [2, 3, 4])
            try await queue.remove(other.id)
            try redis.goBack()
            await Self.duties(memory).pump()
            // 1 to 3 are there again although the store has let go of them: at least once.
            try await expect(queue.drain(), is: [1, 2, 3, 5])
            try await expect(Self.entries(store), is: [])
        }
    }

    @Test("a store that came back in an older state, or began anew, is pushed from its beginning")
    func olderStore() async throws {
        try await Self.with { memory, redis, store in
            await Self.holdDuties(memory)
            let queue = try memory.queue("d", of: Int.self)
            try await queue.add(contentsOf: [1, 2], expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            let log = try SpaceName("queue:d")
            let generation = try #require(try await store.entries(of: log, after: 0, limit: 1)?.generation)
            // As if Redis had pushed more than this store remembers to have given out.
            let ahead = QueueScripts.Push(
                generation: generation, after: 2,
                entries: [
                    LogEntry(
                        id: .random(), sequence: 900, value: [UInt8(ascii: "0")], priority: 0, createdAtMillis: 1,
                        expiresAtMillis: 2)
                ])
            _ = try await queue.scripts.push(ahead, limits: QueueLimits())
            try await expect(queue.scripts.cursor(of: generation), is: 900)
            try await queue.add(3, expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            try await expect(queue.order(), is: [1, 2, 3])
            try await expect(queue.scripts.cursor(of: generation), is: 3)

            try await store.dropSpace(log)
            try await queue.add(4, expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            try await expect(queue.order(), is: [1, 2, 3, 4])
        }
    }

    @Test("several pumps at a time push everything once, in order")
    func manyPumps() async throws {
        try await Self.with { memory, _, _ in
            let queue = try memory.queue("d", of: Int.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for adder in 0..<4 {
                    group.addTask {
                        for number in 0..<50 {
                            try await queue.add(adder * 1_000 + number, expiresAfter: Self.long, durable: true)
                        }
                    }
                }
                for _ in 0..<4 {
                    group.addTask { for _ in 0..<30 { try await queue.synchronize() } }
                }
                try await group.waitForAll()
            }
            try await queue.synchronize()
            let values = try await queue.drain()
            #expect(values.count == 200)
            for adder in 0..<4 {
                #expect(values.filter { $0 / 1_000 == adder } == (0..<50).map { adder * 1_000 + $0 })
            }
        }
    }

    @Test("while Redis is full durable items wait in the store, and then so do those who add")
    func full() async throws {
        try await Self.with { memory, _, store in
            let queue = try memory.queue("d", of: Int.self, limits: QueueLimits(items: 3))
            try await queue.add(contentsOf: [1, 2], expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            try await queue.add(3, expiresAfter: Self.long)
            try await queue.add(4, expiresAfter: Self.long, durable: true)
            let waiting = await code { try await queue.synchronize() }
            #expect(waiting == .full)
            let refused = await code { try await queue.add(5, expiresAfter: Self.long, durable: true) }
            #expect(refused == .full)
            try await expect(Self.entries(store), is: ["1", "2", "4"])
            let batch = try #require(try await queue.read(1))
            try await queue.remove(batch.id)
            try await queue.add(5, expiresAfter: Self.long, durable: true)
            try await expect(queue.order(), is: [2, 3, 4])
            try await expect(Self.entries(store), is: ["2", "4", "5"])
        }
    }

    @Test("a durable dead letter comes back through the store, and is deleted there, too")
    func deadLetters() async throws {
        try await Self.with { memory, redis, store in
            let queue = try memory.queue("d", of: Int.self, options: QueueOptions(maximumAttempts: 1))
            let ids = try await queue.add(contentsOf: [1, 2], expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            let batch = try #require(try await queue.read(2))
            try await queue.release(batch.id)
            try await expect(queue.deadLetters().map(\.isDurable), is: [true, true])
            try await expect(Self.entries(store), is: ["1", "2"])
            try await expect(queue.requeue([ids[0]]), is: 1)
            try await expect(queue.discard([ids[1]]), is: 1)
            try await expect(Self.entries(store), is: ["1"])
            try redis.flushAll()
            try await queue.synchronize()
            let back = try #require(try await queue.read(2))
            #expect(back.values == [1])
            #expect(back.items[0].id != ids[0])
        }
    }

    @Test("durable items expire in both places, and their log is trimmed")
    func expiry() async throws {
        let redis = try await PrivateRedis.start()
        defer { redis.stop() }
        let clock = TestClock()
        let store = InMemoryStore(deployment: "d", now: { clock.now })
        _ = try await store.migrate(DeploymentTimings())
        try await withMemoryStore(on: redis, deployment: "d", store: store) { memory in
            let timed = memory.at(clock)
            let queue = try timed.queue("d", of: Int.self)
            try await queue.add(1, expiresAfter: .seconds(1), durable: true)
            try await queue.add(2, expiresAfter: .seconds(60), durable: true)
            try await queue.synchronize()
            clock.advance(1_000)
            try await expect(queue.order(), is: [2])
            await Self.duties(timed).sweep()
            var places: [SpaceName: Int64] = [:]
            await Self.duties(timed).scrub(&places)
            let log = try await store.logs(startingWith: Array("queue:".utf8), after: nil, limit: 10)
            #expect(log.map(\.count) == [1])
        }
    }

    @Test(
        "whatever key of the queue vanishes, no durable item is lost",
        arguments: [
            "items", "visible", "invisible", "priorities", "list:0:3", "list:0:1", "batches", "due", "gone", "dead",
        ])
    func vanishedKeys(part: String) async throws {
        try await Self.with { memory, redis, store in
            let queue = try memory.queue("d", of: Int.self, options: QueueOptions(maximumAttempts: 1))
            try await queue.add(contentsOf: Array(0..<10), expiresAfter: Self.long, durable: true)
            try await queue.synchronize()
            let dead = try #require(try await queue.read(2))
            try await queue.release(dead.id)
            _ = try await queue.read(2, invisibleFor: .milliseconds(50))
            let key = String(decoding: memory.context.keys.keys("queue", "d")[part], as: UTF8.self)
            try redis.command("DEL", key)
            let duties = Self.duties(memory)
            var places: [SpaceName: Int64] = [:]
            var found: Set<Int> = []
            try await eventually("everything is delivered or dead") {
                await duties.sweep()
                await duties.scrub(&places)
                await duties.pump()
                if let batch = try await queue.read(100, invisibleFor: .seconds(60)) { found.formUnion(batch.values) }
                let letters = try await queue.deadLetters().compactMap(\.value)
                return found.union(letters).count == 10
            }
            let entries = try await Self.entries(store)
            #expect(Set(entries.compactMap { Int($0) }) == Set(0..<10))
        }
    }
}

/// A flag that a fault looks at.
private final class SharedFlag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .sequentiallyConsistent) }

    func raise(_ raised: Bool) { value.store(raised, ordering: .sequentiallyConsistent) }

    /// Lowers it; says whether it was raised.
    func lower() -> Bool { value.exchange(false, ordering: .sequentiallyConsistent) }
}
