import HoldfastStorage
import Testing

@testable import HoldfastMemoryStore

@Suite struct QueueTests {
    private static let long = Duration.seconds(600)

    @Test("items leave by priority, then in the order of their adding", arguments: RedisKind.allCases)
    func order(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            let queue = try timedQueue(memory, TestClock())
            for (value, priority) in [(1, 0.0), (2, -1.5), (3, 0.1), (4, 1e300), (5, 0.1), (6, -0.0), (7, -1e-300)] {
                try await queue.add(value, expiresAfter: Self.long, priority: priority)
            }
            try await queue.add(contentsOf: [8, 9], expiresAfter: Self.long, priority: 0.1)
            let wanted = [4, 3, 5, 8, 9, 1, 6, 7, 2]
            try await expect(queue.order(), is: wanted)
            try await expect(queue.peek(2).map(\.priority), is: [1e300, 0.1])
            try await expect(queue.drain(), is: wanted)
            try await expect(queue.size(), is: 0)
        }
    }

    @Test("a batch is invisible under one id until it is removed or its time is over")
    func invisible() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            let ids = try await queue.add(contentsOf: [1, 2, 3], expiresAfter: Self.long, priority: 5)
            let batch = try #require(try await queue.read(2))
            #expect(batch.values == [1, 2])
            #expect(batch.items.map(\.id) == Array(ids.prefix(2)))
            #expect(batch.items.map(\.attempts) == [1, 1])
            #expect(batch.items.map(\.priority) == [5, 5])
            #expect(batch.items.allSatisfy { $0.addedAtMillis == clock.now && !$0.isDurable })
            #expect(batch.items.allSatisfy { $0.expiresAtMillis == clock.now + 600_000 })
            try await expect(queue.size(), is: 3)
            try await expect(queue.size(excludingInvisible: true), is: 1)
            try await expect(queue.order(), is: [3])

            clock.advance(29_999)
            try await expect(queue.order(), is: [3])
            clock.advance(1)
            try await expect(queue.order(), is: [1, 2, 3])
            try await expect(queue.size(excludingInvisible: true), is: 3)
            let late = try await queue.remove(batch.id)
            #expect(!late)
            let again = try #require(try await queue.read(3))
            #expect(again.values == [1, 2, 3])
            #expect(again.items.map(\.attempts) == [2, 2, 1])
            // The first reader wakes up: it harms nobody.
            try await expect(queue.remove(batch.id), is: false)
            try await expect(queue.extend(batch.id, by: .seconds(1)), is: false)
            try await expect(queue.release(batch.id), is: false)
            try await expect(queue.remove(again.id), is: true)
            try await expect(queue.remove(again.id), is: false)
            try await expect(queue.size(), is: 0)
        }
    }

    @Test("a read can set how long its items stay invisible, and a batch can be extended in time")
    func extend() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            try await queue.add(1, expiresAfter: Self.long)
            let batch = try #require(try await queue.read(invisibleFor: .seconds(1)))
            clock.advance(999)
            try await expect(queue.extend(batch.id, by: .seconds(2)), is: true)
            clock.advance(1_999)
            try await expect(queue.order(), is: [])
            clock.advance(1)
            try await expect(queue.extend(batch.id, by: .seconds(2)), is: false)
            try await expect(queue.order(), is: [1])
        }
    }

    @Test("released items come back at once or after a delay, before those never read; the others stay in the batch")
    func release() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            try await queue.add(contentsOf: [1, 2, 3, 4], expiresAfter: Self.long)
            let batch = try #require(try await queue.read(3))
            try await expect(queue.release(batch.id, items: [batch.items[1].id]), is: true)
            try await expect(queue.order(), is: [2, 4])
            try await expect(queue.release(batch.id, items: [batch.items[0].id], after: .seconds(5)), is: true)
            try await expect(queue.remove(batch.id), is: true)
            try await expect(queue.size(), is: 3)
            clock.advance(5_000)
            try await expect(queue.order(), is: [2, 1, 4])
            try await expect(queue.peek(3).map(\.attempts), is: [1, 1, 0])
        }
    }

    @Test("all or nothing takes exactly as many as asked, or none")
    func allOrNothing() async throws {
        try await withMemoryStore { memory, _ in
            let queue = try timedQueue(memory, TestClock())
            try await queue.add(contentsOf: [1, 2, 3], expiresAfter: Self.long)
            let none = try await queue.read(4, allOrNothing: true)
            #expect(none == nil)
            try await expect(queue.size(excludingInvisible: true), is: 3)
            let all = try await queue.read(3, allOrNothing: true)
            #expect(all?.values == [1, 2, 3])
        }
    }

    @Test("an expired item is never delivered or counted, visible or not", arguments: RedisKind.allCases)
    func expiry(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            try await queue.add(contentsOf: [1, 2], expiresAfter: .seconds(10), priority: 1)
            try await queue.add(contentsOf: [3, 4], expiresAfter: .milliseconds(10_001))
            let batch = try #require(try await queue.read(1))
            clock.advance(10_000)
            try await expect(queue.size(), is: 2)
            try await expect(queue.size(excludingInvisible: true), is: 2)
            try await expect(queue.order(), is: [3, 4])
            clock.advance(25_000)
            try await expect(queue.size(), is: 0)
            let nothing = try await queue.read(10)
            #expect(nothing == nil)
            try await expect(queue.remove(batch.id), is: false)
            let sweep = try await queue.scripts.sweep()
            #expect(sweep.expired == 4)
            #expect(!sweep.hasLostKeys && !sweep.hasMore)
        }
    }

    @Test("an item expires although its reader has it, and removing the batch then is no error")
    func expiryInBatch() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            try await queue.add(1, expiresAfter: .seconds(10))
            try await queue.add(2, expiresAfter: .seconds(60))
            let batch = try #require(try await queue.read(2))
            clock.advance(10_000)
            try await expect(queue.size(), is: 1)
            _ = try await queue.scripts.sweep()
            try await expect(queue.remove(batch.id), is: true)
            try await expect(queue.size(), is: 0)
            let sweep = try await queue.scripts.sweep()
            #expect(!sweep.hasLostKeys)
        }
    }

    @Test(
        "an item becomes a dead letter after its attempts, and can be put back or deleted",
        arguments: RedisKind.allCases)
    func deadLetters(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock, options: QueueOptions(maximumAttempts: 2))
            let ids = try await queue.add(contentsOf: [1, 2, 3], expiresAfter: Self.long, priority: 2)
            for attempt in 1...2 {
                let batch = try #require(try await queue.read(3))
                #expect(batch.items.map(\.attempts) == [attempt, attempt, attempt])
                clock.advance(30_000)
            }
            let nothing = try await queue.read(3)
            #expect(nothing == nil)
            try await expect(queue.size(), is: 0)
            let letters = try await queue.deadLetters()
            #expect(letters.map(\.id) == ids.reversed())
            #expect(letters.map(\.value) == [3, 2, 1])
            #expect(letters.allSatisfy { $0.attempts == 2 && $0.diedAtMillis == clock.now && $0.priority == 2 })
            let page = try await queue.deadLetters(1, after: ids[2])
            #expect(page.map(\.value) == [2])

            try await expect(queue.requeue([ids[1], .random()]), is: 1)
            try await expect(queue.requeue([ids[1]]), is: 0)
            let back = try #require(try await queue.read(3))
            #expect(back.items.map(\.id) == [ids[1]])
            #expect(back.items[0].attempts == 1)
            #expect(back.items[0].expiresAtMillis == clock.now + 600_000)
            try await expect(queue.discard([ids[0], ids[0]]), is: 1)
            try await expect(queue.deadLetters().map(\.value), is: [3])
            let error = await code { _ = try await queue.deadLetters(1, after: ids[0]) }
            #expect(error == .notFound)
        }
    }

    @Test("a queue without a limit of attempts brings an item back for as long as it lives")
    func noDeadLetters() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock, options: QueueOptions(maximumAttempts: nil))
            try await queue.add(1, expiresAfter: Self.long)
            for attempt in 1...15 {
                let batch = try #require(try await queue.read())
                #expect(batch.items[0].attempts == attempt)
                clock.advance(30_000)
            }
        }
    }

    @Test("the last 1,000 dead letters are kept")
    func deadLettersAreCapped() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock, options: QueueOptions(maximumAttempts: 1))
            for first in stride(from: 0, to: 1_100, by: 100) {
                try await queue.add(contentsOf: Array(first..<first + 100), expiresAfter: Self.long)
                _ = try await queue.read(100)
                clock.advance(30_000)
                try await expect(queue.size(), is: 0)
            }
            let counts = try await queue.shared.counts()
            #expect(counts.dead == 1_000)
            try await expect(queue.deadLetters(1).map(\.value), is: [1_099])
            let sweep = try await queue.scripts.sweep()
            #expect(!sweep.hasLostKeys)
        }
    }

    @Test("a full queue refuses, to the item and to the byte, and changes nothing; what expired makes room")
    func full() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let items = try timedQueue(memory, clock, limits: QueueLimits(items: 3))
            try await items.add(contentsOf: [1, 2], expiresAfter: Self.long)
            let pair = await code { try await items.add(contentsOf: [3, 4], expiresAfter: Self.long) }
            #expect(pair == .full)
            try await items.add(3, expiresAfter: .seconds(1))
            _ = try await items.read(1)
            let one = await code { try await items.add(4, expiresAfter: Self.long) }
            #expect(one == .full)
            clock.advance(1_000)
            try await items.add(4, expiresAfter: Self.long)
            try await expect(items.order(), is: [2, 4])

            let bytes = try timedQueue(memory, clock, limits: QueueLimits(bytes: 5))
            try await bytes.add(12_345, expiresAfter: .seconds(1))
            let more = await code { try await bytes.add(1, expiresAfter: Self.long) }
            #expect(more == .full)
            clock.advance(1_000)
            try await bytes.add(contentsOf: [1, 2, 3, 45], expiresAfter: Self.long)
            let batch = try #require(try await bytes.read(2))
            try await bytes.remove(batch.id)
            try await bytes.add(67, expiresAfter: Self.long)
            let last = await code { try await bytes.add(8, expiresAfter: Self.long) }
            #expect(last == .full)
        }
    }

    @Test("at most 1,000 priorities are in use; those that were used up make room")
    func priorities() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            for priority in 0..<1_000 {
                try await queue.add(priority, expiresAfter: .seconds(60), priority: Double(priority) / 8)
            }
            let one = await code { try await queue.add(-1, expiresAfter: Self.long, priority: -1) }
            #expect(one == .full)
            try await queue.add(-2, expiresAfter: Self.long, priority: 0.125)
            try await expect(queue.read(2)?.values, is: [999, 998])
            try await expect(queue.read(100)?.values.last, is: 898)
            clock.advance(60_000)
            try await queue.add(-1, expiresAfter: Self.long, priority: -1)
            try await expect(queue.order(), is: [-2, -1])
        }
    }

    @Test("bad input is refused before anything is sent")
    func badInput() async throws {
        try await withMemoryStore { memory, redis in
            let queue = try memory.queue("bad {in}*put", of: String.self)
            func refused(_ body: () async throws -> Void, line: Int = #line) async {
                let found = await code(body)
                #expect(found == .badInput, "line \(line)")
            }
            let sent = { try redis.command("INFO", "commandstats").contains("evalsha") }
            let before = try sent()
            await refused { _ = try memory.queue("", of: Int.self) }
            await refused { _ = try memory.queue(String(repeating: "é", count: 129), of: Int.self) }
            await refused { _ = try memory.queue("q", of: Int.self, options: QueueOptions(maximumAttempts: 0)) }
            await refused {
                _ = try memory.queue("q", of: Int.self, options: QueueOptions(invisibilityTimeout: .zero))
            }
            for life in [Duration.zero, .seconds(-1), .microseconds(999), .seconds(3_888_001)] {
                await refused { try await queue.add("", expiresAfter: life) }
            }
            for priority in [Double.nan, .infinity, -.infinity] {
                await refused { try await queue.add("", expiresAfter: Self.long, priority: priority) }
            }
            await refused { try await queue.add(String(repeating: "x", count: 32_767), expiresAfter: Self.long) }
            await refused { try await queue.add(contentsOf: [], expiresAfter: Self.long) }
            await refused {
                try await queue.add(contentsOf: Array(repeating: "", count: 101), expiresAfter: Self.long)
            }
            let id = RandomID.random()
            await refused { try await queue.add(contentsOf: ["", ""], expiresAfter: Self.long, ids: [id]) }
            await refused { try await queue.add(contentsOf: ["", ""], expiresAfter: Self.long, ids: [id, id]) }
            for count in [0, -1, 101, 1_000_000] {
                await refused { _ = try await queue.read(count) }
                await refused { _ = try await queue.peek(count) }
                await refused { _ = try await queue.deadLetters(count) }
            }
            await refused { _ = try await queue.read(invisibleFor: .zero) }
            await refused { _ = try await queue.read(invisibleFor: .seconds(3_888_001)) }
            await refused { try await queue.extend(id, by: .zero) }
            await refused { try await queue.release(id, after: .seconds(-1)) }
            await refused { try await queue.release(id, items: Array(repeating: id, count: 101)) }
            await refused { try await queue.requeue([]) }
            await refused { try await queue.discard(Array(repeating: id, count: 101)) }
            let store = await code { try await queue.add("", expiresAfter: Self.long, durable: true) }
            #expect(store == .needsStore)
            if !before { #expect(try !sent()) }
            // The largest value of all goes through.
            try await queue.add(String(repeating: "x", count: 32_766), expiresAfter: Self.long)
            try await expect(queue.read()?.values.first?.count, is: 32_766)
        }
    }

    @Test("an item of another type is given back for others, the rest of its batch is delivered")
    func unreadable() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let options = QueueOptions(maximumAttempts: 2)
            let numbers = try timedQueue(memory, clock, options: options)
            let texts = try memory.at(clock).queue(numbers.name, of: String.self, options: options)
            try await numbers.add(1, expiresAfter: Self.long)
            try await texts.add("two", expiresAfter: Self.long)
            try await numbers.add(3, expiresAfter: Self.long)
            let batch = try #require(try await numbers.read(3))
            #expect(batch.values == [1, 3])
            try await numbers.remove(batch.id)
            try await expect(numbers.size(), is: 1)
            let nothing = try await numbers.read(3)
            #expect(nothing == nil)
            let peek = await code {
                clock.advance(30_000)
                _ = try await numbers.peek()
            }
            #expect(peek == .corrupt)
            let again = try await numbers.read(3)
            #expect(again == nil)
            clock.advance(30_000)
            // Whoever wrote it died waiting: it is kept as it is.
            try await expect(texts.size(), is: 0)
            try await expect(numbers.deadLetters().map(\.value), is: [nil])
            try await expect(texts.deadLetters().map(\.value), is: ["two"])
        }
    }

    @Test("with a batch, items are removed when the body returns and come back at once when it throws")
    func withBatch() async throws {
        struct Refused: Error {}
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            try await queue.add(contentsOf: [1, 2, 3], expiresAfter: Self.long)
            let sum = try await queue.withBatch(of: 2) { $0.values.reduce(0, +) }
            #expect(sum == 3)
            await #expect(throws: Refused.self) { try await queue.withBatch { _ in throw Refused() } }
            try await expect(queue.peek().map(\.attempts), is: [1])
            let late = try await queue.withBatch { batch in
                clock.advance(30_000)
                return batch.values
            }
            #expect(late == nil)
            try await expect(queue.order(), is: [3])
            try await expect(queue.withBatch { $0.values } ?? [], is: [3])
            let none = try await queue.withBatch { $0.values }
            #expect(none == nil)
        }
    }
}
