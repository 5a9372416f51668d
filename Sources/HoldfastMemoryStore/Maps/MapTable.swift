import HoldfastRedis
import HoldfastScripts

/// One table of items in one hash slot of Redis: what a sorted map is, and a part of a hash map.
///
/// The scripts under `Lua/map` describe the layout.
struct MapTable: Sendable {
    /// An item as it is stored.
    struct Stored: Sendable, Equatable {
        let value: [UInt8]
        let position: [UInt8]
        /// Names the write that made it.
        let version: [UInt8]
    }

    /// What a read found.
    struct Reading: Sendable {
        let item: Stored?
        /// Changes when items leave the table.
        let mark: Int64
    }

    /// What an item is written over.
    enum Expectation: Sendable {
        case anything
        case found(Reading)
    }

    enum Outcome: Sendable {
        case written(replaced: Bool)
        /// Another wrote since the read; what is there now.
        case conflict(Reading)
    }

    /// Some items of a range, and where to go on if more may follow.
    struct Slice: Sendable {
        var items: [(key: String, position: [UInt8], value: [UInt8])]
        var next: [UInt8]?
    }

    private let context: MemoryStore.Context
    private let keys: [[UInt8]]
    private let limits: MapLimits

    init(_ context: MemoryStore.Context, _ keys: KeySpace.Keys, limits: MapLimits) {
        self.context = context
        self.keys = [keys["items"], keys["order"], keys["ends"], keys["meta"]]
        self.limits = limits
    }

    // MARK: One item

    func get(_ key: String) async throws(MemoryStoreError) -> Stored? {
        try await read(key, marked: false).item
    }

    /// Reads an item to write over it.
    func read(_ key: String) async throws(MemoryStoreError) -> Reading {
        try await read(key, marked: true)
    }

    /// Writes an item, once, also where replies are lost.
    ///
    /// - Throws: ``MemoryStoreError``: `full`; `outcomeUnknown` where not even repeating settled what became of it.
    func put(
        _ key: String, value: [UInt8], position: [UInt8], lifeMillis: Int64, over expectation: Expectation
    ) async throws(MemoryStoreError) -> Outcome {
        let nonce = withUnsafeBytes(of: UInt64.random(in: 0...UInt64.max)) { [UInt8]($0) }
        let (expected, mark): ([UInt8], Int64) =
            switch expectation {
            case .anything: (Array("ANY".utf8), 0)
            case .found(let reading): (reading.item?.version ?? [], reading.mark)
            }
        let deadline = ContinuousClock.now + context.timeout
        while true {
            let reply = try await RepeatedRequest.run(within: deadline - .now) {
                left, repeats throws(MemoryStoreError) in
                try await evaluate(
                    .Map.put,
                    [
                        .string(key), .bytes(value), .bytes(position), .integer(lifeMillis), .bytes(nonce),
                        .bytes(expected), repeats ? .integer(mark) : "", .integer(limits.items), .integer(limits.bytes),
                    ], within: left)
            }
            switch reply.code {
            case "WRITTEN": return .written(replaced: try reply.number(1) == 1)
            case "CONFLICT": return .conflict(try Self.reading(reply))
            case "UNSETTLED":
                throw MemoryStoreError(
                    .outcomeUnknown, "a reply was lost, and others have changed the item too much since to tell more")
            case "RECLAIMING":
                guard .now < deadline else {
                    throw MemoryStoreError(.unavailable, "the map is full of expired items that are being dropped")
                }
            case "FULL":
                throw MemoryStoreError(
                    .full,
                    "the map holds \(try reply.number(1)) items of \(try reply.number(2)) bytes; "
                        + "at most \(limits.items) items and \(limits.bytes) bytes fit")
            default: throw reply.unknownCode
            }
        }
    }

    /// Removes an item; false when there was none.
    func remove(_ key: String) async throws(MemoryStoreError) -> Bool {
        try await evaluate(.Map.remove, [.string(key)]).code == "REMOVED"
    }

    // MARK: Many items

    /// Reads up to `count` items between two bounds; fewer only where no more follow.
    func range(
        ascending: Bool, from low: [UInt8], to high: [UInt8], count: Int
    ) async throws(MemoryStoreError) -> Slice {
        var (low, high) = (low, high)
        var slice = Slice(items: [], next: nil)
        repeat {
            let reply = try await evaluate(
                .Map.range,
                [
                    ascending ? "UP" : "DOWN", .bytes(low), .bytes(high), .integer(Int64(count - slice.items.count)),
                ], lane: .bulk)
            for index in stride(from: 2, to: reply.count, by: 3) {
                slice.items.append(
                    (try reply.text(index), try reply.bytes(index + 1), try reply.bytes(index + 2)))
            }
            let next = try reply.bytes(1)
            slice.next = next.isEmpty ? nil : next
            if ascending { low = MapBound.after(next) } else { high = MapBound.after(next) }
        } while slice.items.count < count && slice.next != nil
        return slice
    }

    /// Counts the items.
    func size() async throws(MemoryStoreError) -> Int {
        Int(try await evaluate(.Map.size, []).number(1))
    }

    // MARK: Replies

    private func read(_ key: String, marked: Bool) async throws(MemoryStoreError) -> Reading {
        try Self.reading(try await evaluate(.Map.get, [.string(key), marked ? 1 : 0]))
    }

    private static func reading(_ reply: ScriptReply) throws(MemoryStoreError) -> Reading {
        guard reply.count > 1 else { return Reading(item: nil, mark: try reply.number(1)) }
        let item = Stored(value: try reply.bytes(2), position: try reply.bytes(3), version: try reply.bytes(4))
        return Reading(item: item, mark: try reply.number(1))
    }

    private func evaluate(
        _ script: Script, _ arguments: [RedisArgument], lane: RedisLane = .session, within limit: Duration? = nil
    ) async throws(MemoryStoreError) -> ScriptReply {
        try ScriptReply(script, try await context.evaluate(script, keys: keys, arguments, lane: lane, within: limit))
    }
}
