import HoldfastStorage
import ModelTesting

@testable import HoldfastMemoryStore

/// A sorted map beside a plain list that is sorted anew at every look.
struct SortedMapModel: ModelSubject {
    enum Operation: Sendable, CustomStringConvertible {
        case set(key: String, value: Int, size: Int, sortKey: SortKey?, life: Int64)
        /// Adds to what is there; nil cancels.
        case update(key: String, adding: Int?, sortKey: SortKey?, life: Int64)
        case get(String)
        case remove(String)
        case range(SortDirection, limit: Int, above: SortedMapBound?, below: SortedMapBound?)
        case scan(SortDirection, page: Int)
        case size
        case advance(Int64)

        var description: String {
            switch self {
            case .set(let key, let value, let size, let sortKey, let life):
                "set \(key.debugDescription) to \(value) and \(size) bytes, sort key \(Self.text(sortKey)), \(life) ms"
            case .update(let key, let adding, let sortKey, let life):
                "update \(key.debugDescription) by \(adding.map { "\($0)" } ?? "nothing"), sort key "
                    + "\(Self.text(sortKey)), \(life) ms"
            case .get(let key): "get \(key.debugDescription)"
            case .remove(let key): "remove \(key.debugDescription)"
            case .range(let direction, let limit, let above, let below):
                "range \(direction), \(limit) above \(Self.text(above)) below \(Self.text(below))"
            case .scan(let direction, let page): "scan \(direction) by \(page)"
            case .size: "size"
            case .advance(let millis): "advance \(millis) ms"
            }
        }

        private static func text(_ sortKey: SortKey?) -> String {
            switch sortKey {
            case .number(let number)?: "\(number)"
            case .string(let text)?: text.debugDescription
            case nil: "none"
            }
        }

        private static func text(_ bound: SortedMapBound?) -> String {
            bound.map { "(\($0.key?.debugDescription ?? "any"), \(text($0.sortKey)))" } ?? "none"
        }
    }

    struct Value: Codable, Sendable, Equatable {
        var number: Int
        var filler: String

        /// The length of `{"filler":"","number":0}`, with both filled in.
        var bytes: Int { 23 + filler.count + "\(number)".count }
    }

    struct Entry {
        var key: String
        var value: Value
        var sortKey: SortKey?
        var ends: Int64
    }

    let map: SortedMap<Value>
    let clock: TestClock
    let limits: MapLimits
    var entries: [Entry] = []

    init(_ memory: MemoryStore, limits: MapLimits = MapLimits()) throws {
        clock = TestClock()
        map = try memory.at(clock).sortedMap(RandomID.random().description, of: Value.self, limits: limits)
        self.limits = limits
    }

    // MARK: Drawing

    static let keys = ["a", "b", "c", "aa", "A", "é", "e\u{301}", "{x}", "*", "🙂", "\0", "a\0", "z"]
    static let sortKeys: [SortKey?] = [
        nil, nil, 0, -0.0, 1, -1, 3.14, -3.14, 1e300, -1e300, .number(.leastNonzeroMagnitude),
        .number(-.leastNonzeroMagnitude), 9_007_199_254_740_993, "", "a", "a\0",
        "a\u{1}", "aa", "b", "é", "🙂", "\u{10FFFF}",
    ]

    static func draw(using generator: inout SeededGenerator) -> Operation {
        let key = generator.one(of: keys)
        let life = generator.one(of: [1, 2, 5, 10, 50, 3_888_000_000] as [Int64])
        switch generator.number(in: 0...19) {
        case 0..<6:
            return .set(
                key: key, value: generator.number(in: 0...9), size: generator.happens(0.2) ? 60 : 0,
                sortKey: generator.one(of: sortKeys), life: life)
        case 6..<9:
            let adding = generator.happens(0.8) ? generator.number(in: 1...9) : nil
            return .update(key: key, adding: adding, sortKey: generator.one(of: sortKeys), life: life)
        case 9: return .get(key)
        case 10: return .remove(key)
        case 11..<14:
            return .range(
                generator.one(of: SortDirection.allCases), limit: generator.one(of: [1, 2, 3, 200]),
                above: bound(using: &generator), below: bound(using: &generator))
        case 14, 15: return .scan(generator.one(of: SortDirection.allCases), page: generator.number(in: 1...4))
        case 16: return .size
        default: return .advance(generator.one(of: [1, 2, 4, 9, 30]))
        }
    }

    private static func bound(using generator: inout SeededGenerator) -> SortedMapBound? {
        let (key, sortKey) = (generator.one(of: keys), generator.one(of: sortKeys))
        switch generator.number(in: 0...4) {
        case 0, 1: return nil
        case 2: return .key(key)
        case 3: return sortKey.map { .sortKey($0) } ?? .key(key)
        default: return .item(key, sortKey: sortKey)
        }
    }

    static func simpler(than operation: Operation) -> [Operation] {
        switch operation {
        case .set(let key, let value, let size, let sortKey, let life):
            [
                .set(key: "a", value: 0, size: 0, sortKey: nil, life: 3_888_000_000),
                .set(key: key, value: 0, size: size, sortKey: sortKey, life: 3_888_000_000),
                .set(key: key, value: value, size: 0, sortKey: nil, life: life),
            ].filter { $0.description != operation.description }
        case .range(let direction, let limit, let above, let below) where above != nil && below != nil:
            [
                .range(direction, limit: limit, above: above, below: nil),
                .range(direction, limit: limit, above: nil, below: below),
            ]
        default: []
        }
    }

    // MARK: Both sides

    mutating func apply(_ operation: Operation) async throws {
        expire()
        switch operation {
        case .set(let key, let number, let size, let sortKey, let life):
            let entry = Entry(
                key: key, value: Value(number: number, filler: String(repeating: "x", count: size)), sortKey: sortKey,
                ends: clock.now + life)
            let wanted = write(entry)
            let found = await Result.of {
                try await map.set(key, to: entry.value, sortKey: sortKey, expiresAfter: .milliseconds(life))
            }
            try agree(found, wanted)
        case .update(let key, let adding, let sortKey, let life):
            let old = entries.first { Self.same($0.key, key) }
            let found = await Result.of {
                try await map.update(key, expiresAfter: .milliseconds(life)) { item in
                    try agree(item?.value, old?.value, "the value given to the function")
                    try agree(item?.sortKey, old?.sortKey, "the sort key given to the function")
                    return adding.map { (Value(number: (item?.value.number ?? 0) + $0, filler: ""), sortKey) }
                }?.value.number
            }
            guard let adding else { return try agree(found, .success(nil), "what a cancelled update returns") }
            let value = Value(number: (old?.value.number ?? 0) + adding, filler: "")
            let wanted = write(Entry(key: key, value: value, sortKey: sortKey, ends: clock.now + life))
            try agree(found, wanted.map { _ in value.number })
        case .get(let key):
            let entry = entries.first { Self.same($0.key, key) }
            let found = try await map.get(key)
            try agree(found?.value, entry?.value)
            try agree(found?.sortKey, entry?.sortKey, "the sort key")
        case .remove(let key):
            let count = entries.count
            entries.removeAll { Self.same($0.key, key) }
            try agree(try await map.remove(key), entries.count < count)
        case .range(let direction, let limit, let above, let below):
            let wanted = ordered(direction).filter { entry in
                above.map { Self.isBehind(entry, $0) } ?? true && below.map { Self.isBefore(entry, $0) } ?? true
            }
            let found = try await map.range(direction, limit: limit, above: above, below: below)
            try compare(found, Array(wanted.prefix(limit)))
        case .scan(let direction, let page):
            var found: [SortedMapItem<Value>] = []
            while true {
                let bound = found.last?.bound
                let items = try await map.range(
                    direction, limit: page, above: direction == .ascending ? bound : nil,
                    below: direction == .descending ? bound : nil)
                found += items
                if items.count < page { break }
            }
            try compare(found, ordered(direction))
        case .size:
            try agree(try await map.size(), entries.count)
        case .advance(let millis):
            clock.advance(millis)
        }
    }

    mutating func finish() async throws {
        expire()
        try compare(try await map.range(limit: 200), ordered(.ascending))
        try agree(try await map.size(), entries.count, "the size")
    }

    private mutating func expire() {
        let now = clock.now
        entries.removeAll { $0.ends <= now }
    }

    /// Whether an item was replaced, or the error that the limits call for.
    private mutating func write(_ entry: Entry) -> Result<Bool, MapFault> {
        let index = entries.firstIndex { Self.same($0.key, entry.key) }
        let total = entries.reduce(0) { $0 + Self.size($1) }
        let growth = Self.size(entry) - (index.map { Self.size(entries[$0]) } ?? 0)
        if index == nil, entries.count >= Int(limits.items) { return .failure(.code("full")) }
        if growth > 0, total + growth > Int(limits.bytes) { return .failure(.code("full")) }
        if let index { entries[index] = entry } else { entries.append(entry) }
        return .success(index != nil)
    }

    private func compare(_ found: [SortedMapItem<Value>], _ wanted: [Entry]) throws {
        try agree(found.map { Array($0.key.utf8) }, wanted.map { Array($0.key.utf8) }, "the list of keys")
        try agree(found.map(\.value), wanted.map(\.value), "the list of values")
        try agree(found.map(\.sortKey), wanted.map(\.sortKey), "the list of sort keys")
    }

    // MARK: The order, said again in other words

    private func ordered(_ direction: SortDirection) -> [Entry] {
        let ascending = entries.sorted { Self.order($0.sortKey, $0.key, $1.sortKey, $1.key) < 0 }
        return direction == .ascending ? ascending : ascending.reversed()
    }

    private static func isBehind(_ entry: Entry, _ bound: SortedMapBound) -> Bool {
        guard let key = bound.key else { return order(entry.sortKey, "", bound.sortKey, "") > 0 }
        return order(entry.sortKey, entry.key, bound.sortKey, key) > 0
    }

    private static func isBefore(_ entry: Entry, _ bound: SortedMapBound) -> Bool {
        guard let key = bound.key else { return order(entry.sortKey, "", bound.sortKey, "") < 0 }
        return order(entry.sortKey, entry.key, bound.sortKey, key) < 0
    }

    private static func order(_ left: SortKey?, _ leftKey: String, _ right: SortKey?, _ rightKey: String) -> Int {
        func rank(_ sortKey: SortKey?) -> Int {
            switch sortKey {
            case .number?: 0
            case .string?: 1
            case nil: 2
            }
        }
        if rank(left) != rank(right) { return rank(left) - rank(right) }
        switch (left, right) {
        case (.number(let left)?, .number(let right)?) where left != right: return left < right ? -1 : 1
        case (.string(let left)?, .string(let right)?) where !same(left, right): return precedes(left, right) ? -1 : 1
        default: return same(leftKey, rightKey) ? 0 : precedes(leftKey, rightKey) ? -1 : 1
        }
    }

    private static func same(_ left: String, _ right: String) -> Bool { Array(left.utf8) == Array(right.utf8) }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// As documented: keys, sort keys (a number is 9 bytes with its class) and values.
    private static func size(_ entry: Entry) -> Int {
        let sortKey =
            switch entry.sortKey {
            case .number?: 9
            case .string(let text)?: 3 + text.utf8.count + text.utf8.count { $0 == 0 }
            case nil: 1
            }
        return entry.key.utf8.count + sortKey + entry.value.bytes
    }
}

/// What a call may fail with, comparable.
enum MapFault: Error, Equatable {
    case code(String)
    case other(String)
}

extension Result where Failure == MapFault {
    /// What `body` returns or throws.
    static func of(_ body: () async throws -> Success) async -> Self {
        do {
            return .success(try await body())
        } catch let error as MemoryStoreError {
            return .failure(.code(error.code.description))
        } catch {
            return .failure(.other("\(error)"))
        }
    }
}
