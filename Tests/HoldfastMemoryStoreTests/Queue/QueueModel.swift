import HoldfastStorage
import ModelTesting

@testable import HoldfastMemoryStore

/// A queue of at most twelve items beside a few plain arrays, both by one clock.
struct QueueModel: ModelSubject {
    private struct Item: Equatable {
        let id: RandomID
        let value: Int
        let priority: Double
        var added: Int64
        var expires: Int64
        var attempts = 0
    }

    private struct Batch {
        var items: [Item]
        var due: Int64
    }

    private static let tick: Int64 = 1_000
    private static let maximumAttempts = 3
    private static let limits = QueueLimits(items: 12)

    private let queue: Queue<Int>
    private let clock = TestClock()
    private var step: Int64 = 0

    // The reference. Expired items are looked past, so they need not be removed.
    /// By priority, each in the order of delivery.
    private var returned: [Double: [Item]] = [:]
    private var fresh: [Double: [Item]] = [:]
    private var batches: [RandomID: Batch] = [:]
    private var dead: [Item] = []
    private var gone: Set<RandomID> = []
    /// How many expired while they were invisible since the last sweep, at most.
    private var unswept = 0
    // What earlier steps sent.
    private var additions: [[Item]] = []
    private var reads: [QueueScripts.ReadRequest] = []
    private var nextValue = 0

    init(_ memory: MemoryStore) throws {
        queue = try timedQueue(
            memory, clock, options: QueueOptions(maximumAttempts: Self.maximumAttempts), limits: Self.limits)
    }

    mutating func apply(_ operation: Operation) async throws {
        // A millisecond each, so that no two batches are due at the same time.
        step += 1
        clock.advance(1)
        switch operation {
        case .add(let count, let priority, let ticks): try await add(count, Double(priority) / 2, ticks)
        case .addAgain(let index): try await addAgain(index)
        case .read(let count, let all, let ticks):
            let request = QueueScripts.ReadRequest(
                batch: .random(), count: count, allOrNothing: all, invisibleMillis: Int64(ticks) * Self.tick,
                maximumAttempts: Self.maximumAttempts, waiter: nil)
            reads.append(request)
            try await read(request)
        case .readAgain(let index):
            if let request = pick(index, of: reads) { try await read(request) }
        case .remove(let index, let repeated): try await remove(index, repeated)
        case .extend(let index, let ticks): try await extend(index, ticks)
        case .release(let index, let part, let ticks): try await release(index, part, ticks)
        case .peek(let count):
            reclaim()
            let found = try await queue.peek(count)
            try agree(found.map(\.value), line.prefix(count).map(\.value))
            try agree(found.map(\.attempts), line.prefix(count).map(\.attempts))
        case .size:
            reclaim()
            let counts = try await queue.shared.counts()
            try agree(counts, self.counts)
        case .pass(let ticks): clock.advance(Int64(ticks) * Self.tick)
        case .sweep: try await sweep()
        case .deadLetters:
            let found = try await queue.deadLetters()
            try agree(found.map(\.id), dead.reversed().map(\.id))
            try agree(found.map(\.attempts), dead.reversed().map(\.attempts))
        case .requeue(let index, let ticks): try await requeue(index, ticks)
        case .discard(let index):
            guard let letter = pick(index, of: dead) else { return }
            dead.removeAll { $0.id == letter.id }
            gone.insert(letter.id)
            let count = try await queue.discard([letter.id])
            try agree(count, 1)
        }
    }

    mutating func finish() async throws {
        try await apply(.peek(100))
        try await apply(.sweep)
        try await apply(.size)
        try await apply(.deadLetters)
    }

    // MARK: Steps

    private mutating func sweep() async throws {
        reclaim()
        forgetExpired()
        unswept = 0
        let sweep = try await queue.scripts.sweep()
        try agree(sweep.hasMore, false)
        try agree(sweep.hasLostKeys, false, "whether keys were lost")
        try agree(sweep.counts, counts)
    }

    /// Whether so many more items do not fit; where that may be, after sweeping.
    private mutating func isFull(_ count: Int) async throws -> Bool {
        guard everything.count - dead.count + unswept + count > Self.limits.items else { return false }
        try await sweep()
        return live + count > Self.limits.items
    }

    private mutating func add(_ count: Int, _ priority: Double, _ ticks: Int) async throws {
        let expires = clock.now + Int64(ticks) * Self.tick
        let items = (0..<count).map { _ in
            nextValue += 1
            return Item(id: .random(), value: nextValue, priority: priority, added: clock.now, expires: expires)
        }
        guard try await !isFull(count) else { return try await send(items, ticks, mayBeThere: false, added: nil) }
        additions.append(items)
        fresh[priority, default: []] += items
        try await send(items, ticks, mayBeThere: false, added: count)
    }

    private mutating func addAgain(_ index: Int) async throws {
        guard let items = pick(index, of: additions), let first = items.first, first.expires > clock.now else { return }
        let known = Set(everything.map(\.id)).union(gone)
        let missing = items.filter { !known.contains($0.id) }
        try await send(items, Int(first.expires - clock.now) / Int(Self.tick) + 1, mayBeThere: true, added: 0)
        try agree(missing.count, 0, "the number of items that vanished")
    }

    /// - Parameter added: How many are new; nil where the queue is full.
    private func send(_ items: [Item], _ ticks: Int, mayBeThere: Bool, added: Int?) async throws {
        let values = items.map { (id: $0.id, value: Array("\($0.value)".utf8)) }
        let outcome = try await queue.scripts.add(
            values, priority: items[0].priority, lifeMillis: Int64(ticks) * Self.tick, mayBeThere: mayBeThere,
            limits: Self.limits)
        if let added { return try agree(outcome, .added(added)) }
        guard case .full(let count, _, let toSweep) = outcome else { throw Disagreement("\(outcome) of a full queue") }
        try agree([count, toSweep], [Int64(live), 0])
    }

    private mutating func read(_ request: QueueScripts.ReadRequest) async throws {
        let found = try await queue.shared.read(request)
        reclaim()
        var wanted: [Item]?
        if let batch = batches[request.batch] {
            wanted = batch.items.filter { $0.expires > clock.now }
        } else if !line.isEmpty, !request.allOrNothing || line.count >= request.count {
            let taken = line.prefix(request.count).map { item in
                var item = item
                item.attempts += 1
                return item
            }
            remove(taken)
            batches[request.batch] = Batch(items: taken, due: clock.now + request.invisibleMillis)
            wanted = taken
        }
        try agree(found?.map(\.id), wanted?.map(\.id))
        try agree(found?.map(\.attempts), wanted?.map(\.attempts))
        try agree(found?.map(\.priority), wanted?.map(\.priority))
        try agree(found?.map(\.expiresAtMillis), wanted?.map(\.expires))
    }

    private mutating func remove(_ index: Int, _ repeated: Bool) async throws {
        guard let id = pick(index, of: reads)?.batch else { return }
        let wanted = batches[id].map { $0.due > clock.now } ?? false
        if wanted, let batch = batches.removeValue(forKey: id) { gone.formUnion(batch.items.map(\.id)) }
        let found = try await queue.remove(id)
        try agree(found, wanted)
        if repeated {
            let again = try await queue.remove(id)
            try agree(again, false)
        }
    }

    private mutating func extend(_ index: Int, _ ticks: Int) async throws {
        guard let id = pick(index, of: reads)?.batch else { return }
        let wanted = batches[id].map { $0.due > clock.now } ?? false
        if wanted { batches[id]?.due = clock.now + Int64(ticks) * Self.tick }
        let found = try await queue.extend(id, by: .milliseconds(Int64(ticks) * Self.tick))
        try agree(found, wanted)
    }

    private mutating func release(_ index: Int, _ part: Bool, _ ticks: Int) async throws {
        guard let id = pick(index, of: reads)?.batch else { return }
        let wanted = batches[id].map { $0.due > clock.now } ?? false
        var items: [RandomID]?
        if wanted, var batch = batches[id] {
            let released = part ? Array(batch.items.prefix(1)) : batch.items
            items = part ? released.map(\.id) : nil
            batch.items.removeFirst(released.count)
            batches[id] = batch.items.isEmpty ? nil : batch
            batches[.random()] = Batch(items: released, due: clock.now + Int64(ticks) * Self.tick)
            if ticks == 0 { reclaim() }
        }
        let found = try await queue.release(
            id, items: items, after: .milliseconds(Int64(ticks) * Self.tick))
        try agree(found, wanted)
    }

    private mutating func requeue(_ index: Int, _ ticks: Int?) async throws {
        guard var item = pick(index, of: dead) else { return }
        let isFull = try await isFull(1)
        let given = ticks.map { Duration.milliseconds(Int64($0) * Self.tick) }
        guard !isFull else {
            let refusal = await code { try await queue.requeue([item.id], expiresAfter: given) }
            return try agree(refusal, .full)
        }
        dead.removeAll { $0.id == item.id }
        let life = ticks.map { Int64($0) * Self.tick } ?? item.expires - item.added
        item.attempts = 0
        item.added = clock.now
        item.expires = clock.now + life
        fresh[item.priority, default: []].append(item)
        let count = try await queue.requeue([item.id], expiresAfter: given)
        try agree(count, 1)
    }

    // MARK: The reference

    /// What reads take, in their order.
    private var line: [Item] {
        Set(returned.keys).union(fresh.keys).sorted(by: >)
            .flatMap { (returned[$0] ?? []) + (fresh[$0] ?? []) }
            .filter { $0.expires > clock.now }
    }

    private var counts: QueueScripts.Counts {
        let invisible = batches.values.reduce(0) { $0 + $1.items.count { $0.expires > clock.now } }
        return QueueScripts.Counts(visible: line.count, invisible: invisible, dead: dead.count)
    }

    private var everything: [Item] {
        returned.values.flatMap { $0 } + fresh.values.flatMap { $0 } + batches.values.flatMap(\.items) + dead
    }

    /// What the bound counts once it is swept.
    private var live: Int { counts.visible + counts.invisible }

    private mutating func forgetExpired() {
        let now = clock.now
        returned = returned.mapValues { $0.filter { $0.expires > now } }
        fresh = fresh.mapValues { $0.filter { $0.expires > now } }
    }

    private mutating func reclaim() {
        for (id, batch) in batches.filter({ $0.value.due <= clock.now }).sorted(by: { $0.value.due < $1.value.due }) {
            batches[id] = nil
            for item in batch.items {
                if item.expires <= clock.now {
                    unswept += 1
                } else if item.attempts >= Self.maximumAttempts {
                    dead.append(item)
                } else {
                    returned[item.priority, default: []].append(item)
                }
            }
        }
    }

    private mutating func remove(_ items: [Item]) {
        let ids = Set(items.map(\.id))
        for priority in returned.keys { returned[priority]?.removeAll { ids.contains($0.id) } }
        for priority in fresh.keys { fresh[priority]?.removeAll { ids.contains($0.id) } }
    }

    private func pick<Element>(_ index: Int, of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[index % elements.count]
    }
}
