import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite struct QueueUpkeepTests {
    private static let long = Duration.seconds(3_600)

    /// The name of a queue's key, as the documentation of the layout has it.
    private static func key(_ memory: MemoryStore, _ queue: String, _ part: String) -> String {
        String(decoding: memory.context.keys.keys("queue", queue)[part], as: UTF8.self)
    }

    @Test("one call gives back and deletes a bounded number of items, and says that there is more")
    func caps() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            for first in stride(from: 0, to: 250, by: 50) {
                try await queue.add(contentsOf: Array(first..<first + 50), expiresAfter: Self.long)
            }
            for _ in 0..<250 {
                _ = try await queue.read()
                clock.advance(1)
            }
            clock.advance(30_000)
            var returned: [Int] = []
            var hasMore = true
            while hasMore {
                let sweep = try await queue.scripts.sweep()
                returned.append(sweep.returned)
                hasMore = sweep.hasMore
            }
            #expect(returned == [100, 100, 50])
            try await expect(queue.order(100), is: Array(0..<100))

            clock.advance(3_600_000)
            var expired: [Int] = []
            hasMore = true
            while hasMore {
                let sweep = try await queue.scripts.sweep()
                expired.append(sweep.expired)
                hasMore = sweep.hasMore
            }
            #expect(expired == [100, 100, 50])
        }
    }

    @Test("items that expired or die make room for new ones")
    func room() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(
                memory, clock, options: QueueOptions(maximumAttempts: 1), limits: QueueLimits(items: 2))
            try await queue.add(1, expiresAfter: Self.long)
            _ = try await queue.read(invisibleFor: .seconds(1))
            try await queue.add(2, expiresAfter: .seconds(2))
            await #expect(code { try await queue.add(3, expiresAfter: Self.long) } == .full)
            clock.advance(1_000)
            try await queue.add(3, expiresAfter: Self.long)
            try await expect(queue.deadLetters().map(\.value), is: [1])
            await #expect(code { try await queue.add(4, expiresAfter: Self.long) } == .full)
            clock.advance(1_000)
            try await queue.add(4, expiresAfter: Self.long)
            try await expect(queue.order(), is: [3, 4])
        }
    }

    @Test("a read finds its items behind any number of expired ones")
    func behindExpired() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            for _ in 0..<15 {
                try await queue.add(contentsOf: Array(repeating: 0, count: 100), expiresAfter: .seconds(1))
            }
            try await queue.add(contentsOf: [1, 2, 3], expiresAfter: Self.long)
            clock.advance(1_000)
            let all = try await queue.read(3, allOrNothing: true)
            #expect(all?.values == [1, 2, 3])
        }
    }

    @Test("all or nothing puts back what it took before it found too many expired items, in order")
    func putBack() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            try await queue.add(contentsOf: [1, 2], expiresAfter: Self.long, priority: 1)
            for _ in 0..<7 {
                try await queue.add(contentsOf: Array(repeating: 0, count: 100), expiresAfter: .seconds(1))
            }
            try await queue.add(contentsOf: [3, 4], expiresAfter: Self.long)
            clock.advance(1_000)
            let (first, _) = try await queue.scripts.read(
                QueueScripts.ReadRequest(
                    batch: .random(), count: 4, allOrNothing: true, invisibleMillis: 1_000, maximumAttempts: nil,
                    waiter: nil))
            guard case .again = first else {
                Issue.record("found \(first) at once")
                return
            }
            try await expect(queue.order(), is: [1, 2, 3, 4])
            let all = try await queue.read(4, allOrNothing: true)
            #expect(all?.values == [1, 2, 3, 4])
        }
    }

    @Test("ids of expired items do not pile up behind one that nobody reads, and the order stays")
    func compaction() async throws {
        try await withMemoryStore { memory, redis in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            func ids() throws -> Int {
                try [1, 2, 3].map { Self.key(memory, queue.name, "list:0:\($0)") }
                    .reduce(0) { $0 + (try Int(redis.command("LLEN", $1)) ?? 0) }
            }
            var kept: [Int] = []
            for round in 0..<3 {
                for part in 0..<12 {
                    kept.append(round * 100 + part)
                    try await queue.add(kept.last ?? 0, expiresAfter: Self.long)
                    try await queue.add(contentsOf: Array(repeating: -1, count: 100), expiresAfter: .seconds(1))
                }
                clock.advance(1_000)
                var hasMore = true
                while hasMore { hasMore = try await queue.scripts.sweep().hasMore }
                // What is left over is bounded by the threshold, whatever has passed through.
                #expect(try ids() <= 1_000 + 2 * kept.count)
                // One look passes over a bounded number of expired items, so it may find fewer.
                let order = try await queue.order()
                #expect(order == Array(kept.prefix(order.count)))
                try await expect(queue.size(), is: kept.count)
            }
            try await expect(queue.drain(), is: kept)
            let sweep = try await queue.scripts.sweep()
            #expect(!sweep.hasLostKeys)
            #expect(try ids() == 0)
        }
    }

    @Test(
        "whatever key vanishes, the items that are left are delivered and the queue goes on",
        arguments: [
            "items", "visible", "invisible", "priorities", "list:0:3", "list:0:1", "batches", "due", "gone", "dead",
            "waiters",
        ])
    func vanishedKeys(part: String) async throws {
        for kind in RedisKind.allCases {
            try await withMemoryStore(kind) { memory, redis in
                let clock = TestClock()
                let queue = try timedQueue(memory, clock, options: QueueOptions(maximumAttempts: 2))
                try await queue.add(contentsOf: Array(0..<10), expiresAfter: Self.long)
                // 0 and 1 are dead, 2 and 3 with a reader, 4 was given back, the rest was never read.
                for _ in 0..<2 {
                    _ = try await queue.read(2)
                    clock.advance(30_000)
                }
                _ = try await queue.read(2)
                clock.advance(30_000)
                try await expect(queue.size(), is: 8)
                try await expect(queue.order(), is: [2, 3, 4, 5, 6, 7, 8, 9])
                let held = try #require(try await queue.read(3))
                try await queue.release(held.id, items: [held.items[2].id])
                #expect(try redis.command("DEL", Self.key(memory, queue.name, part)) != "")

                let hub = QueueHub(queue.scripts.context)
                _ = hub.queue(queue.name, limits: QueueLimits())
                await queue.shared.register()
                await QueueDuties(queue.scripts.context, hub: hub).sweep()
                clock.advance(30_000)
                var found = Set(try await queue.drain())
                for letter in try await queue.deadLetters() { if let value = letter.value { found.insert(value) } }
                #expect(found == (part == "items" ? [] : Set(0..<10)), "\(part)")
                let sweep = try await queue.scripts.sweep()
                #expect(!sweep.hasLostKeys)
                try await queue.add(contentsOf: [11, 12], expiresAfter: Self.long)
                try await expect(queue.drain(), is: [11, 12])
            }
        }
    }

    @Test("a queue that nobody uses any more is swept by those who use another, and then forgotten")
    func registry() async throws {
        try await withMemoryStore { memory, redis in
            let clock = TestClock()
            let timed = memory.at(clock)
            try await timed.queue("left", of: Int.self).add(1, expiresAfter: .seconds(1))
            clock.advance(1_000)
            let duties = QueueDuties(timed.context, hub: QueueHub(timed.context))
            await duties.sweep()
            #expect(try redis.command("HLEN", Self.key(memory, "left", "items")) == "1")
            #expect(try redis.command("HGET", Self.key(memory, "left", "items"), "bytes") == "0")
            let registry = QueueRegistry(timed.context)
            var names: [String] = []
            await registry.forEach { names.append($0) }
            #expect(names == ["left"])
            await registry.remove("left", unusedSince: WallClock.milliseconds() + 1_000)
            names = []
            await registry.forEach { names.append($0) }
            #expect(names == [])
        }
    }

    @Test("one process at a time has a duty")
    func duty() async throws {
        try await withMemoryStore { memory, _ in
            let registry = QueueRegistry(memory.context)
            let first = await registry.takeOn("test", for: .seconds(60))
            let second = await registry.takeOn("test", for: .seconds(60))
            let other = await registry.takeOn("other", for: .seconds(60))
            #expect(first && !second && other)
        }
    }
}
