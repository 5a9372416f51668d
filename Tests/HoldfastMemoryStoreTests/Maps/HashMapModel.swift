import HoldfastStorage
import ModelTesting

@testable import HoldfastMemoryStore

/// A hash map beside a dictionary.
struct HashMapModel: ModelSubject {
    enum Operation: Sendable, CustomStringConvertible {
        case set(key: String, value: Int, life: Int64)
        case update(key: String, adding: Int?, life: Int64)
        case get(String)
        case remove(String)
        case size
        /// Takes one page of the scan that is under way, or of a new one.
        case page(limit: Int)
        case advance(Int64)

        var description: String {
            switch self {
            case .set(let key, let value, let life): "set \(key) to \(value), \(life) ms"
            case .update(let key, let adding, let life):
                "update \(key) by \(adding.map { "\($0)" } ?? "nothing"), \(life) ms"
            case .get(let key): "get \(key)"
            case .remove(let key): "remove \(key)"
            case .size: "size"
            case .page(let limit): "next page of \(limit)"
            case .advance(let millis): "advance \(millis) ms"
            }
        }
    }

    /// A scan over several pages, with changes in between.
    struct Scan {
        var cursor: HashMapCursor?
        var seen: [String] = []
        /// There since the scan began.
        var lasting: Set<String>
    }

    private let map: HashMap<Int>
    private let clock = TestClock()
    private var entries: [String: (value: Int, ends: Int64)] = [:]
    private var scan: Scan?

    init(_ memory: MemoryStore) throws {
        map = try memory.at(clock).hashMap(RandomID.random().description, of: Int.self)
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        let key = "k\(generator.number(in: 0...24))"
        let life = generator.one(of: [1, 5, 50, 3_888_000_000, 3_888_000_000] as [Int64])
        switch generator.number(in: 0...19) {
        case 0..<7: return .set(key: key, value: generator.number(in: 0...9), life: life)
        case 7..<9:
            return .update(key: key, adding: generator.happens(0.8) ? generator.number(in: 1...9) : nil, life: life)
        case 9: return .get(key)
        case 10, 11: return .remove(key)
        case 12: return .size
        case 13..<18: return .page(limit: generator.number(in: 1...4))
        default: return .advance(generator.one(of: [1, 4, 30]))
        }
    }

    mutating func apply(_ operation: Operation) async throws {
        expire()
        switch operation {
        case .set(let key, let value, let life):
            let found = try await map.set(key, to: value, expiresAfter: .milliseconds(life))
            try agree(found, entries[key] != nil)
            entries[key] = (value, clock.now + life)
        case .update(let key, let adding, let life):
            let old = entries[key]?.value
            let found = try await map.update(key, expiresAfter: .milliseconds(life)) { value in
                try agree(value, old, "the value given to the function")
                return adding.map { (value ?? 0) + $0 }
            }
            try agree(found, adding.map { (old ?? 0) + $0 })
            if let found { entries[key] = (found, clock.now + life) }
        case .get(let key):
            try agree(try await map.get(key), entries[key]?.value)
        case .remove(let key):
            try agree(try await map.remove(key), entries.removeValue(forKey: key) != nil)
        case .size:
            try agree(try await map.size(), entries.count)
        case .page(let limit):
            try await turn(limit)
        case .advance(let millis):
            clock.advance(millis)
        }
        expire()
    }

    /// Everything that was there all the time has been seen, and nothing twice.
    private mutating func turn(_ limit: Int) async throws {
        var scan = scan ?? Scan(lasting: Set(entries.keys))
        let page = try await map.list(limit: limit, after: scan.cursor)
        for item in page.items {
            try agree(item.value, entries[item.key]?.value, "the value of \(item.key)")
            guard !scan.seen.contains(item.key) else { throw Disagreement("\(item.key) is listed twice") }
            scan.seen.append(item.key)
        }
        if let next = page.next {
            try agree(page.items.count, limit, "the length of a page that is not the last")
            // As another process would have it.
            scan.cursor = try HashMapCursor(next.description)
            self.scan = scan
            return
        }
        self.scan = nil
        let missing = scan.lasting.subtracting(scan.seen)
        guard missing.isEmpty else { throw Disagreement("\(missing.sorted()) were there all the time and not listed") }
    }

    mutating func finish() async throws {
        scan = nil
        var pages = 0
        repeat {
            try await turn(3)
            pages += 1
        } while scan != nil && pages < 100
        try agree(scan == nil, true, "whether listing ends")
    }

    private mutating func expire() {
        let now = clock.now
        entries = entries.filter { $0.value.ends > now }
        scan?.lasting.formIntersection(entries.keys)
    }
}
