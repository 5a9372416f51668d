import HoldfastRedis
import HoldfastStorage
import ModelTesting

@testable import HoldfastMemoryStore

/// A queue with durable and fast items over a Redis that loses everything now and then, beside plain arrays.
///
/// Nothing runs in the background: items are pushed and the log is scrubbed where the history says so.
struct DurableQueueModel: ModelSubject {
    private struct Item: Equatable {
        let id: RandomID
        let value: Int
        let priority: Double
        /// Its number in the log; nil for a fast one.
        let number: Int?
        let added: Int64
        let expires: Int64
        var attempts = 0
    }

    private struct Batch {
        let id: RandomID
        var items: [Item]
        var due: Int64
    }

    private static let tick: Int64 = 1_000
    private static let maximumAttempts = 2
    private static let priorities = ["-0.5", "0", "0.5"]

    private let queue: Queue<Int>
    private let memory: MemoryStore
    private let store: ModelStore
    private let clock: TestClock

    // The reference.
    private var log: [Item] = []
    private var lastNumber = 0
    private var lastValue = 0
    /// How far the log was pushed.
    private var pushed = 0
    private var returned: [Item] = []
    private var fresh: [Item] = []
    private var batches: [Batch] = []
    private var dead: [Item] = []
    /// The batches of all reads, ended ones included.
    private var reads: [RandomID] = []

    init(_ shared: MemoryStore) async throws {
        let clock = TestClock()
        store = try await ModelStore(clock)
        memory = MemoryStore(store.context(on: shared, clock), ownsCommitter: false)
        queue = try memory.queue(
            "d\(RandomID.random())", of: Int.self, options: QueueOptions(maximumAttempts: Self.maximumAttempts))
        self.clock = clock
    }

    mutating func apply(_ operation: Operation) async throws {
        // A millisecond each, so that no two batches are due at the same time.
        clock.advance(1)
        switch operation {
        case .add(let durable, let count, let priority, let ticks):
            try await add(durable, count, Double(priority) / 2, Int64(ticks) * Self.tick)
        case .push: try await push()
        case .read(let count, let ticks): try await read(count, Int64(ticks) * Self.tick)
        case .remove(let index, let trims): try await remove(index, trims)
        case .release(let index): try await release(index)
        case .requeue(let index): try await requeue(index)
        case .discard(let index): try await discard(index)
        case .scrub: try await scrub()
        case .flush: try await flush()
        case .pass(let ticks): clock.advance(Int64(ticks) * Self.tick)
        case .look: try await look()
        }
    }

    /// Whatever happened, all that the log holds is in Redis after one push more.
    mutating func finish() async throws {
        try await look()
        try await push()
        try await look()
        let known = Set(inRedis.map(\.id))
        try agree(log.filter { $0.expires > clock.now && !known.contains($0.id) && $0.number ?? 0 > pushed }, [])
        try await scrub()
    }

    // MARK: Steps

    private mutating func add(_ durable: Bool, _ count: Int, _ priority: Double, _ life: Int64) async throws {
        let items = (0..<count).map { _ in make(.random(), next(), priority, durable: durable, life) }
        if durable { log += items } else { fresh += items }
        try await queue.add(
            contentsOf: items.map(\.value), expiresAfter: .milliseconds(life), priority: priority, durable: durable,
            ids: items.map(\.id))
    }

    private mutating func push() async throws {
        try await queue.synchronize()
        let known = Set(inRedis.map(\.id))
        for item in log where item.number ?? 0 > pushed && item.expires > clock.now {
            if !known.contains(item.id) { fresh.append(item) }
            pushed = item.number ?? 0
        }
    }

    private mutating func read(_ count: Int, _ invisible: Int64) async throws {
        let found = try await queue.read(count, invisibleFor: .milliseconds(invisible))
        reclaim()
        let taken = line.prefix(count).map { item in
            var item = item
            item.attempts += 1
            return item
        }
        try agree(found?.values ?? [], taken.map(\.value))
        try agree(found?.items.map(\.attempts) ?? [], taken.map(\.attempts), "the attempts")
        try agree(found?.items.map(\.isDurable) ?? [], taken.map { $0.number != nil }, "what is durable")
        guard let found else { return }
        let ids = Set(taken.map(\.id))
        returned.removeAll { ids.contains($0.id) }
        fresh.removeAll { ids.contains($0.id) }
        batches.append(Batch(id: found.id, items: taken, due: clock.now + invisible))
        reads.append(found.id)
    }

    private mutating func remove(_ index: Int, _ trims: Bool) async throws {
        guard let id = pick(index, of: reads) else { return }
        let found: Bool
        if trims {
            found = try await queue.remove(id)
        } else {
            found = try await queue.scripts.remove(id) != nil
        }
        let batch = end(id)
        try agree(found, batch != nil)
        if trims, let batch { forget(batch.items) }
    }

    private mutating func release(_ index: Int) async throws {
        guard let id = pick(index, of: reads) else { return }
        let found = try await queue.release(id)
        if var batch = end(id) {
            batch.due = clock.now
            batches.append(batch)
            reclaim()
            try agree(found, true)
        } else {
            try agree(found, false)
        }
    }

    private mutating func requeue(_ index: Int) async throws {
        guard let letter = pick(index, of: dead) else { return }
        dead.removeAll { $0.id == letter.id }
        let life = letter.expires - letter.added
        if letter.number == nil {
            fresh.append(make(letter.id, letter.value, letter.priority, durable: false, life))
        } else {
            let id = RandomID(high: ~letter.id.high, low: letter.id.low)
            log.append(make(id, letter.value, letter.priority, durable: true, life))
            forget([letter])
        }
        let count = try await queue.requeue([letter.id])
        try agree(count, 1)
    }

    private mutating func discard(_ index: Int) async throws {
        guard let letter = pick(index, of: dead) else { return }
        dead.removeAll { $0.id == letter.id }
        forget([letter])
        let count = try await queue.discard([letter.id])
        try agree(count, 1)
    }

    private mutating func scrub() async throws {
        guard let name = queue.shared.pump?.log else { return }
        _ = try await QueueScrub(scripts: queue.scripts, durable: store.durable, log: name).run(after: 0)
        let known = Set(inRedis.map(\.id))
        log = log.filter { $0.expires > clock.now && ($0.number ?? 0 > pushed || known.contains($0.id)) }
        let entries = try await store.durable.store.entries(of: name, after: 0, limit: 1_000)?.entries ?? []
        try agree(entries.map(\.id), log.map(\.id), "the log")
    }

    private mutating func flush() async throws {
        let keys = memory.context.keys.keys("queue", queue.name)
        let lists = Self.priorities.flatMap { priority in (1...3).map { "list:\(priority):\($0)" } }
        for part in ["items", "visible", "invisible", "priorities", "batches", "due", "gone", "dead"] + lists {
            _ = try await memory.context.redis.command(["DEL", .bytes(keys[part])])
        }
        (returned, fresh, batches, dead, pushed) = ([], [], [], [], 0)
    }

    private mutating func look() async throws {
        reclaim()
        let counts = try await queue.shared.counts()
        let invisible = batches.reduce(0) { $0 + $1.items.count { $0.expires > clock.now } }
        try agree(counts, QueueScripts.Counts(visible: line.count, invisible: invisible, dead: dead.count))
        let values = try await queue.order()
        try agree(values, line.map(\.value))
        let letters = try await queue.deadLetters()
        try agree(letters.map(\.id), dead.reversed().map(\.id), "the dead letters")
    }

    // MARK: The reference

    /// What reads take, in their order.
    private var line: [Item] {
        [0.5, 0, -0.5].flatMap { priority in (returned + fresh).filter { $0.priority == priority } }
            .filter { $0.expires > clock.now }
    }

    private var inRedis: [Item] { returned + fresh + batches.flatMap(\.items) + dead }

    private mutating func next() -> Int {
        lastValue += 1
        return lastValue
    }

    private mutating func make(
        _ id: RandomID, _ value: Int, _ priority: Double, durable: Bool, _ life: Int64
    ) -> Item {
        if durable { lastNumber += 1 }
        return Item(
            id: id, value: value, priority: priority, number: durable ? lastNumber : nil, added: clock.now,
            expires: clock.now + life)
    }

    /// Takes a batch whose time is not over.
    private mutating func end(_ id: RandomID) -> Batch? {
        guard let index = batches.firstIndex(where: { $0.id == id && $0.due > clock.now }) else { return nil }
        return batches.remove(at: index)
    }

    /// The store lets go of them.
    private mutating func forget(_ items: [Item]) {
        let ids = Set(items.map(\.id))
        log.removeAll { ids.contains($0.id) }
    }

    private mutating func reclaim() {
        for batch in batches.filter({ $0.due <= clock.now }).sorted(by: { $0.due < $1.due }) {
            for item in batch.items where item.expires > clock.now {
                if item.attempts >= Self.maximumAttempts { dead.append(item) } else { returned.append(item) }
            }
        }
        batches = batches.filter { $0.due > clock.now }
    }

    private func pick<Element>(_ index: Int, of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[index % elements.count]
    }
}
