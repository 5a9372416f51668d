public import HoldfastStorage

extension Queue {
    /// Removes a batch with all its items; fast for fast items, durable for durable ones.
    ///
    /// Too late, it changes nothing: the items are others' by now. A durable item leaves Redis first and the store
    /// right after; where the store cannot be reached for that, it is told later, and only a Redis that loses its data
    /// before then would deliver the item again.
    ///
    /// - Parameter batch: ``QueueBatch/id``.
    /// - Returns: False when it came too late: the batch's time was over, or it was removed before.
    /// - Throws: ``MemoryStoreError``: `outcomeUnknown` may be answered by repeating the call.
    @discardableResult
    public func remove(_ batch: RandomID) async throws(MemoryStoreError) -> Bool {
        guard let durable = try await scripts.remove(batch) else { return false }
        await shared.trim(durable)
        return true
    }

    /// Keeps a batch invisible for `duration` from now on; acknowledged by Redis.
    ///
    /// - Parameters:
    ///   - batch: ``QueueBatch/id``.
    ///   - duration: 1 ms to 45 days.
    /// - Returns: False when it came too late: the batch's time was over, or it was removed.
    /// - Throws: ``MemoryStoreError``
    @discardableResult
    public func extend(_ batch: RandomID, by duration: Duration) async throws(MemoryStoreError) -> Bool {
        try await scripts.extend(batch, millis: QueueLimits.millis(invisible: duration))
    }

    /// Gives a batch, or some of its items, back before its time is over; acknowledged by Redis.
    ///
    /// They come before items that were never read. The attempt counts.
    ///
    /// - Parameters:
    ///   - batch: ``QueueBatch/id``.
    ///   - items: Ids of some of its items; nil for all. The others stay in the batch.
    ///   - delay: How long they stay invisible yet.
    /// - Returns: False when it came too late: the batch's time was over, or it was removed.
    /// - Throws: ``MemoryStoreError``
    @discardableResult
    public func release(
        _ batch: RandomID, items: [RandomID]? = nil, after delay: Duration = .zero
    ) async throws(MemoryStoreError) -> Bool {
        let millis = try QueueLimits.millis(delay: delay)
        if let items {
            guard !items.isEmpty else { return true }
            try QueueLimits.check(count: items.count)
        }
        guard let (_, died) = try await scripts.release(batch, items: items ?? [], delayMillis: millis) else {
            return false
        }
        QueueMetrics.record(died: died)
        return true
    }
}
