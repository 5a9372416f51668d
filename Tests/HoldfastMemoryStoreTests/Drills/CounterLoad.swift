import Synchronization
import Testing

@testable import HoldfastMemoryStore

/// Counters in a map: each task adds to its own number in values that all tasks change by compare-and-set.
final class CounterLoad: DrillLoad {
    typealias Counts = [String: Int]

    private struct Tally {
        var acknowledged: Counts = [:]
        var doubts: Counts = [:]
    }

    let name: String
    private let keys: [String]
    private let update: @Sendable (Int, String, @Sendable (Counts?) -> Counts) async throws -> Void
    private let read: @Sendable (String) async throws -> Counts?
    private let tally = Mutex(Tally())

    /// Changes and reads values; `update` gets the number of the task, the key and the change.
    init(
        _ name: String, keys: Int,
        update: @escaping @Sendable (Int, String, @Sendable (Counts?) -> Counts) async throws -> Void,
        read: @escaping @Sendable (String) async throws -> Counts?
    ) {
        self.name = name
        self.keys = (0..<keys).map { "k\($0)" }
        self.update = update
        self.read = read
    }

    /// Counters in sorted maps of one name.
    static func sorted(_ name: String, _ fleet: [MemoryStore]) throws -> CounterLoad {
        let maps = try fleet.map { try $0.sortedMap(name, of: Counts.self) }
        return CounterLoad("sorted map \(name)", keys: 3) { task, key, change in
            try await maps[task % maps.count].update(key, expiresAfter: .seconds(600), maximumAttempts: 1_000) { item in
                let counts = change(item?.value)
                return (counts, .number(Double(counts.values.reduce(0, +))))
            }
        } read: { key in
            let item = try await maps[0].get(key)
            // The order and the item were changed together.
            let listed = try await maps[0].range(limit: 200).first { $0.key == key }
            #expect(listed == item)
            #expect(item?.sortKey == item.map { .number(Double($0.value.values.reduce(0, +))) })
            return item?.value
        }
    }

    /// Counters in hash maps of one name.
    static func hashed(_ name: String, _ fleet: [MemoryStore]) throws -> CounterLoad {
        let maps = try fleet.map { try $0.hashMap(name, of: Counts.self) }
        return CounterLoad("hash map \(name)", keys: 40) { task, key, change in
            try await maps[task % maps.count].update(key, expiresAfter: .seconds(600), maximumAttempts: 1_000) {
                change($0)
            }
        } read: { key in
            try await maps[0].get(key)
        }
    }

    func step(task: Int, number: Int) async throws -> Bool {
        let who = "\(task)"
        do {
            try await update(task, keys[number % keys.count]) { counts in
                (counts ?? [:]).merging([who: 1], uniquingKeysWith: +)
            }
            tally.withLock { $0.acknowledged[who, default: 0] += 1 }
            return true
        } catch let error as MemoryStoreError {
            if error.code == .outcomeUnknown { tally.withLock { $0.doubts[who, default: 0] += 1 } }
            throw error
        }
    }

    func verify(mayLose: Bool) async throws {
        var written: Counts = [:]
        for key in keys { written.merge(try await read(key) ?? [:], uniquingKeysWith: +) }
        let tally = tally.withLock { $0 }
        for who in Set(written.keys).union(tally.acknowledged.keys) {
            let (count, acknowledged) = (written[who, default: 0], tally.acknowledged[who, default: 0])
            #expect(count <= acknowledged + tally.doubts[who, default: 0], "\(name): a change was made twice")
            #expect(mayLose || count >= acknowledged, "\(name): a change is lost")
        }
    }
}
