import HoldfastStorage

/// A map that all servers share, without an order, whose items end by themselves.
///
/// ```swift
/// let parties = try memory.hashMap("parties", of: Party.self)
/// try await parties.update(id, expiresAfter: .seconds(600)) { party in
///     var party = party ?? Party()
///     party.members.append(player)
///     return party
/// }
/// ```
///
/// Everything here is fast: it is in Redis, and is gone when Redis loses it. Keys and names have at most 128 characters
/// (Unicode scalars), values 32 KiB of JSON. Items live for 1 ms to 45 days by Redis' clock; an expired item is never
/// seen or counted. The items are spread over 16 parts, which a cluster keeps on different nodes; each part has room
/// for 1,000,000 items and 100 MiB. What must be read in order, or all at once, belongs in a ``SortedMap``.
public struct HashMap<Value: Codable & Sendable>: Sendable {
    /// The name that servers share.
    public let name: String
    private let shards: [MapTable]
    /// Names the map in cursors.
    private let mark: String

    init(name: String, shards: [MapTable]) {
        self.name = name
        self.shards = shards
        mark = String(StableHash.of(name.utf8) & 0xFFFF_FFFF, radix: 16)
    }

    /// Reads an item; fast, from Redis.
    ///
    /// - Returns: The value; nil when there is none.
    /// - Throws: ``MemoryStoreError``: `badInput` for a bad key, `corrupt` for a stored value that is no `Value`.
    public func get(_ key: String) async throws(MemoryStoreError) -> Value? {
        try Self.value(try await shard(of: key).get(key))
    }

    /// Writes an item in place of the old one; fast, acknowledged by Redis.
    ///
    /// A lost reply does no harm, as with ``SortedMap/set(_:to:sortKey:expiresAfter:)``.
    ///
    /// - Parameters:
    ///   - key: 1 to 128 characters.
    ///   - value: At most 32 KiB as JSON.
    ///   - life: How long until it expires: 1 ms to 45 days. Zero is refused: remove the item instead.
    /// - Returns: True when it replaced an item, false when it made one.
    /// - Throws: ``MemoryStoreError``: `badInput`, `full`.
    @discardableResult
    public func set(
        _ key: String, to value: Value, expiresAfter life: Duration
    ) async throws(MemoryStoreError) -> Bool {
        let outcome = try await shard(of: key).put(
            key, value: ValueCoding.encode(value), position: MapPosition.none,
            lifeMillis: MapLimits.millis(life), over: .anything)
        guard case .written(let replaced) = outcome else {
            throw MemoryStoreError(.internalError, "an unconditional write met a conflict")
        }
        return replaced
    }

    /// Changes an item by a function of what is there; fast, acknowledged by Redis.
    ///
    /// It behaves as ``SortedMap/update(_:expiresAfter:maximumAttempts:_:)`` does.
    ///
    /// - Parameters:
    ///   - key: 1 to 128 characters.
    ///   - life: How long until it expires, from this change on: 1 ms to 45 days.
    ///   - maximumAttempts: How often the function may run, 1 to 1,000.
    ///   - transform: Gets the value, or nil when there is none; returns the new one, or nil to leave everything as it
    ///     is. It may run several times.
    /// - Returns: What was written; nil when the function returned nil.
    /// - Throws: ``MemoryStoreError``: `badInput`, `full`, `outcomeUnknown`, `corrupt`, and `conflict` when others came
    ///   first at every attempt; and what the function throws, with nothing changed.
    @discardableResult
    public nonisolated(nonsending) func update(
        _ key: String, expiresAfter life: Duration, maximumAttempts: Int = 50,
        _ transform: (Value?) throws -> Value?
    ) async throws -> Value? {
        let table = try shard(of: key)
        let millis = try MapLimits.millis(life)
        var retries = try UpdateRetries(maximumAttempts: maximumAttempts)
        var reading = try await table.read(key)
        while true {
            guard let new = try transform(try Self.value(reading.item)) else { return nil }
            let outcome = try await table.put(
                key, value: ValueCoding.encode(new), position: MapPosition.none, lifeMillis: millis,
                over: .found(reading))
            switch outcome {
            case .written: return new
            case .conflict(let found): reading = found
            }
            try await retries.wait()
        }
    }

    /// Removes an item; fast, acknowledged by Redis.
    ///
    /// After a lost reply it throws `outcomeUnknown`; removing again is then right unless somebody may have set it
    /// anew.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: ``MemoryStoreError``
    @discardableResult
    public func remove(_ key: String) async throws(MemoryStoreError) -> Bool {
        try await shard(of: key).remove(key)
    }

    /// Reads a page of items, in no order that means anything; fast, from Redis.
    ///
    /// Whatever others change meanwhile: an item that is there during the whole scan is seen exactly once, and no key
    /// is seen twice.
    ///
    /// - Parameters:
    ///   - limit: The most items, 1 to 200.
    ///   - cursor: Where the page before ended; nil for the first page.
    /// - Throws: ``MemoryStoreError``: `badInput`, also for a cursor of another map; `corrupt`.
    public func list(
        limit: Int = 100, after cursor: HashMapCursor? = nil
    ) async throws(MemoryStoreError) -> HashMapPage<Value> {
        try MapLimits.check(pageItems: limit)
        let cursor = cursor ?? HashMapCursor(map: mark, shard: 0, key: [])
        guard cursor.map == mark, shards.indices.contains(cursor.shard) else {
            throw MemoryStoreError(.badInput, "the cursor belongs to another map")
        }
        var items: [HashMapItem<Value>] = []
        var (shard, key) = (cursor.shard, cursor.key)
        while shard < shards.count {
            let from = key.isEmpty ? MapBound.lowest : MapBound.after(MapPosition.none + key)
            let slice = try await shards[shard].range(
                ascending: true, from: from, to: MapBound.highest, count: limit - items.count)
            for item in slice.items {
                items.append(
                    HashMapItem(key: item.key, value: try ValueCoding.decode(Value.self, from: item.value)))
            }
            if items.count == limit, let last = items.last {
                return HashMapPage(
                    items: items, next: HashMapCursor(map: mark, shard: shard, key: Array(last.key.utf8)))
            }
            shard += 1
            key = []
        }
        return HashMapPage(items: items, next: nil)
    }

    /// Counts the items, one part after the other; fast, from Redis.
    ///
    /// - Throws: ``MemoryStoreError``
    public func size() async throws(MemoryStoreError) -> Int {
        var total = 0
        for shard in shards { total += try await shard.size() }
        return total
    }

    private func shard(of key: String) throws(MemoryStoreError) -> MapTable {
        try MapLimits.check(key: key)
        return shards[Int(StableHash.of(key.utf8) % UInt64(shards.count))]
    }

    private static func value(_ stored: MapTable.Stored?) throws(MemoryStoreError) -> Value? {
        guard let stored else { return nil }
        return try ValueCoding.decode(Value.self, from: stored.value)
    }
}

extension MemoryStore {
    /// How many parts a hash map has: a part of the layout, the same in every build.
    static let hashMapShards = 16

    /// Opens the hash map `name`; nothing is sent.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput` for a name outside 1 to 128 characters.
    public func hashMap<Value>(_ name: String, of type: Value.Type) throws(MemoryStoreError) -> HashMap<Value> {
        try MapLimits.check(name: name, "hash map")
        let shards = (0..<Self.hashMapShards).map { shard in
            MapTable(context, context.keys.keys("hash-map", name, shard: shard), limits: MapLimits())
        }
        return HashMap(name: name, shards: shards)
    }
}
