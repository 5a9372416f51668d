public import HoldfastStorage

/// A queue that all servers of a deployment share: each item goes to one reader, until one of them removes it.
///
/// ```swift
/// let orders = try memory.queue("orders", of: Order.self)
/// try await orders.add(Order(item: "sword"), expiresAfter: .seconds(3_600))
///
/// if let batch = try await orders.read(10, waitingUpTo: .seconds(5)) {
///     for item in batch.items { await deliver(item.value) }
///     try await orders.remove(batch.id)
/// }
/// ```
///
/// Reading makes items invisible for a while; whoever has handled them removes them. Items that are not removed in time
/// (the reader died) come back, so each is delivered **at least once**: a reader that must not act twice remembers
/// ``QueueItem/id``. Higher priorities are read first; within one, items come in the order in which Redis took
/// them, and items that came back come before those never read.
///
/// An item is *fast* (only Redis has it, and it is gone when Redis loses it) or *durable* (the store has it until it is
/// removed, so it outlives Redis). Both kinds may be in one queue. A queue holds up to 1,000,000 items, 100 MiB of
/// values and 1,000 different priorities at a time; a value has up to 32 KiB of JSON, an item lives up to 45 days.
/// On a cluster a queue lives on one node.
public struct Queue<Value: Codable & Sendable>: Sendable {
    /// The name that servers share.
    public let name: String
    /// How this handle reads.
    public let options: QueueOptions
    let limits: QueueLimits
    let shared: SharedQueue

    var scripts: QueueScripts { shared.scripts }

    // MARK: Adding

    /// Adds an item; fast, acknowledged by Redis, or durable, acknowledged by the store's commit.
    ///
    /// A durable item reaches Redis right after the commit, or as soon as Redis is back and has room.
    ///
    /// A lost reply is settled by repeating the request, which is recognised. After `outcomeUnknown` repeat the call
    /// with the same `id`: it is added once, unless it was added, read and removed in the meantime together with
    /// thousands of others.
    ///
    /// - Parameters:
    ///   - value: At most 32 KiB as JSON.
    ///   - life: How long until it expires, read or not: 1 ms to 45 days. Zero is refused.
    ///   - priority: Any finite number; higher ones are read first.
    ///   - durable: Whether the store keeps it, too.
    ///   - id: Names it in every delivery; by default drawn at random.
    /// - Returns: The item's id.
    /// - Throws: ``MemoryStoreError``: `badInput`, `full`, `outcomeUnknown`, `needsStore`.
    @discardableResult
    public func add(
        _ value: Value, expiresAfter life: Duration, priority: Double = 0, durable: Bool = false, id: RandomID? = nil
    ) async throws(MemoryStoreError) -> RandomID {
        try await add(
            contentsOf: [value], expiresAfter: life, priority: priority, durable: durable, ids: id.map { [$0] })[0]
    }

    /// Adds up to 100 items, all or none; fast, acknowledged by Redis, or durable, acknowledged by the store's commit.
    ///
    /// It behaves as ``add(_:expiresAfter:priority:durable:id:)`` does, for a fraction of its cost an item.
    ///
    /// - Parameters:
    ///   - values: 1 to 100, each at most 32 KiB as JSON.
    ///   - life: How long until they expire, read or not: 1 ms to 45 days. Zero is refused.
    ///   - priority: Any finite number; higher ones are read first.
    ///   - durable: Whether the store keeps them, too.
    ///   - ids: As many as values, no id twice; by default drawn at random.
    /// - Returns: The items' ids, in the order of the values.
    /// - Throws: ``MemoryStoreError``: `badInput`, `full`, `outcomeUnknown`, `needsStore`.
    @discardableResult
    public func add(
        contentsOf values: [Value], expiresAfter life: Duration, priority: Double = 0, durable: Bool = false,
        ids: [RandomID]? = nil
    ) async throws(MemoryStoreError) -> [RandomID] {
        try QueueLimits.check(count: values.count)
        try QueueLimits.check(priority: priority)
        let millis = try QueueLimits.millis(life: life)
        let names = ids ?? values.map { _ in .random() }
        guard names.count == values.count, Set(names).count == names.count else {
            throw MemoryStoreError(.badInput, "every item has an id of its own")
        }
        var items: [(id: RandomID, value: [UInt8])] = []
        for (id, value) in zip(names, values) { items.append((id, try ValueCoding.encode(value))) }
        if durable {
            try await append(items, priority: priority, lifeMillis: millis)
        } else {
            try await add(items, priority: priority, lifeMillis: millis, mayBeThere: ids != nil)
        }
        return names
    }

    private func add(
        _ items: [(id: RandomID, value: [UInt8])], priority: Double, lifeMillis: Int64, mayBeThere: Bool
    ) async throws(MemoryStoreError) {
        await shared.register()
        _ = try await shared.makingRoom { () async throws(MemoryStoreError) in
            try await scripts.add(
                items, priority: priority, lifeMillis: lifeMillis, mayBeThere: mayBeThere, limits: limits)
        }
    }

    private func append(
        _ items: [(id: RandomID, value: [UInt8])], priority: Double, lifeMillis: Int64
    ) async throws(MemoryStoreError) {
        let pump = try shared.requirePump()
        try await pump.append(
            items.map { item in
                AppendRequest.Entry(
                    id: item.id, value: item.value, priority: priority, timeToLiveMillis: lifeMillis)
            })
    }

    /// Brings all durable items that wait in the store to Redis; fast, and only needed by a process that ends at once.
    ///
    /// - Throws: ``MemoryStoreError``: `full` when Redis has no room for them yet; they stay in the store.
    public func synchronize() async throws(MemoryStoreError) {
        let pump = try shared.requirePump()
        try await pump.run()
        if pump.isBlocked {
            throw MemoryStoreError(.full, "the queue is full in Redis; durable items wait in the store")
        }
    }

    // MARK: Looking

    /// Counts the items that have not expired; from Redis.
    ///
    /// Dead letters do not count, nor durable items that wait in the store.
    ///
    /// - Parameter excludingInvisible: Whether to leave out items that somebody has read and not yet removed.
    /// - Throws: ``MemoryStoreError``
    public func size(excludingInvisible: Bool = false) async throws(MemoryStoreError) -> Int {
        let counts = try await shared.counts()
        return excludingInvisible ? counts.visible : counts.visible + counts.invisible
    }

    /// Shows the next items and leaves them to others; from Redis.
    ///
    /// - Parameter count: The most items, 1 to 100. Fewer come back also where more than 1,000 items in a row have
    ///   expired.
    /// - Returns: The items in the order of delivery, with their attempts so far.
    /// - Throws: ``MemoryStoreError``: `badInput`, `corrupt` for a value that is no `Value`.
    public func peek(_ count: Int = 1) async throws(MemoryStoreError) -> [QueueItem<Value>] {
        try QueueLimits.check(count: count)
        var items: [QueueItem<Value>] = []
        for stored in try await shared.peek(count) {
            items.append(QueueItem(stored, value: try ValueCoding.decode(Value.self, from: stored.value)))
        }
        return items
    }
}
