import HoldfastStorage

/// A map that all servers share, ordered by sort key and key, whose items end by themselves.
///
/// ```swift
/// let auctions = try memory.sortedMap("auctions", of: Bid.self)
/// try await auctions.set("sword", to: bid, sortKey: .number(bid.coins), expiresAfter: .seconds(3_600))
/// let richest = try await auctions.range(.descending, limit: 10)
/// ```
///
/// Everything here is fast: it is in Redis, and is gone when Redis loses it. Keys, sort keys and names have at most 128
/// characters (Unicode scalars), values 32 KiB of JSON; a map has room for 1,000,000 items and 100 MiB. Items live for
/// 1 ms to 45 days by Redis' clock; an expired item is never seen or counted, and its space is given back by and by.
/// On a cluster one map lives on one node.
public struct SortedMap<Value: Codable & Sendable>: Sendable {
    /// The name that servers share.
    public let name: String
    let table: MapTable

    /// Reads an item; fast, from Redis.
    ///
    /// - Returns: The item; nil when there is none.
    /// - Throws: ``MemoryStoreError``: `badInput` for a bad key, `corrupt` for a stored value that is no `Value`.
    public func get(_ key: String) async throws(MemoryStoreError) -> SortedMapItem<Value>? {
        try MapLimits.check(key: key)
        return try Self.item(key, try await table.get(key))
    }

    /// Writes an item, in place of the old value and sort key; fast, acknowledged by Redis.
    ///
    /// A lost reply does no harm: the request is repeated and recognised. Only where it cannot be (the item was removed
    /// or written eight times in between) is it written a second time.
    ///
    /// - Parameters:
    ///   - key: 1 to 128 characters.
    ///   - value: At most 32 KiB as JSON.
    ///   - sortKey: What orders the item; nil puts it behind all that have one.
    ///   - life: How long until it expires: 1 ms to 45 days. Zero is refused: remove the item instead.
    /// - Returns: True when it replaced an item, false when it made one.
    /// - Throws: ``MemoryStoreError``: `badInput`, `full`.
    @discardableResult
    public func set(
        _ key: String, to value: Value, sortKey: SortKey? = nil, expiresAfter life: Duration
    ) async throws(MemoryStoreError) -> Bool {
        try MapLimits.check(key: key)
        let outcome = try await table.put(
            key, value: ValueCoding.encode(value), position: MapPosition.encode(sortKey),
            lifeMillis: MapLimits.millis(life), over: .anything)
        guard case .written(let replaced) = outcome else {
            throw MemoryStoreError(.internalError, "an unconditional write met a conflict")
        }
        return replaced
    }

    /// Changes an item by a function of what is there; fast, acknowledged by Redis.
    ///
    /// Nothing is lost when several servers change one item at the same time: whoever comes second has its function run
    /// again with what the first wrote. So it must have no effects of its own. A lost reply is settled by repeating
    /// the request, which is recognised; where that does not tell (the item was removed or written eight times in
    /// between) the call throws `outcomeUnknown`.
    ///
    /// - Parameters:
    ///   - key: 1 to 128 characters.
    ///   - life: How long until it expires, from this change on: 1 ms to 45 days.
    ///   - maximumAttempts: How often the function may run, 1 to 1,000.
    ///   - transform: Gets the item, or nil when there is none; returns the new value and sort key, or nil to leave
    ///     everything as it is.
    /// - Returns: What was written; nil when the function returned nil.
    /// - Throws: ``MemoryStoreError``: `badInput`, `full`, `outcomeUnknown`, `corrupt`, and `conflict` when others came
    ///   first at every attempt; and what the function throws, with nothing changed.
    @discardableResult
    public nonisolated(nonsending) func update(
        _ key: String, expiresAfter life: Duration, maximumAttempts: Int = 50,
        _ transform: (SortedMapItem<Value>?) throws -> (value: Value, sortKey: SortKey?)?
    ) async throws -> SortedMapItem<Value>? {
        try MapLimits.check(key: key)
        let millis = try MapLimits.millis(life)
        var retries = try UpdateRetries(maximumAttempts: maximumAttempts)
        var reading = try await table.read(key)
        while true {
            guard let new = try transform(try Self.item(key, reading.item)) else { return nil }
            let outcome = try await table.put(
                key, value: ValueCoding.encode(new.value), position: MapPosition.encode(new.sortKey),
                lifeMillis: millis, over: .found(reading))
            switch outcome {
            case .written: return SortedMapItem(key: key, value: new.value, sortKey: new.sortKey)
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
        try MapLimits.check(key: key)
        return try await table.remove(key)
    }

    /// Reads items in order, between two bounds that are themselves left out; fast, from Redis.
    ///
    /// For the next page of an ascending range pass the last item's ``SortedMapItem/bound`` as `lower`, of a descending
    /// one as `upper`. Fewer than `limit` items are the last ones. An item that stays in its place during the whole
    /// scan is seen once.
    ///
    /// - Parameters:
    ///   - direction: From which end.
    ///   - limit: The most items, 1 to 200.
    ///   - lower: Only items behind it in ascending order, whatever the direction.
    ///   - upper: Only items before it in ascending order, whatever the direction.
    /// - Throws: ``MemoryStoreError``: `badInput`, `corrupt`.
    public func range(
        _ direction: SortDirection = .ascending, limit: Int = 100, above lower: SortedMapBound? = nil,
        below upper: SortedMapBound? = nil
    ) async throws(MemoryStoreError) -> [SortedMapItem<Value>] {
        try MapLimits.check(pageItems: limit)
        let slice = try await table.range(
            ascending: direction == .ascending, from: MapBound.lower(lower), to: MapBound.upper(upper), count: limit)
        var items: [SortedMapItem<Value>] = []
        items.reserveCapacity(slice.items.count)
        for item in slice.items {
            items.append(
                SortedMapItem(
                    key: item.key, value: try ValueCoding.decode(Value.self, from: item.value),
                    sortKey: try MapPosition.decode(item.position)))
        }
        return items
    }

    /// Counts the items; fast, from Redis.
    ///
    /// - Throws: ``MemoryStoreError``
    public func size() async throws(MemoryStoreError) -> Int {
        try await table.size()
    }

    private static func item(
        _ key: String, _ stored: MapTable.Stored?
    ) throws(MemoryStoreError) -> SortedMapItem<Value>? {
        guard let stored else { return nil }
        return SortedMapItem(
            key: key, value: try ValueCoding.decode(Value.self, from: stored.value),
            sortKey: try MapPosition.decode(stored.position))
    }
}

extension MemoryStore {
    /// Opens the sorted map `name`; nothing is sent.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput` for a name outside 1 to 128 characters.
    public func sortedMap<Value>(
        _ name: String, of type: Value.Type
    ) throws(MemoryStoreError) -> SortedMap<Value> {
        try sortedMap(name, of: type, limits: MapLimits())
    }

    func sortedMap<Value>(
        _ name: String, of type: Value.Type, limits: MapLimits
    ) throws(MemoryStoreError) -> SortedMap<Value> {
        try MapLimits.check(name: name, "sorted map")
        return SortedMap(name: name, table: MapTable(context, context.keys.keys("sorted-map", name), limits: limits))
    }
}
