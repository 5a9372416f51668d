public import HoldfastStorage

extension Queue {
    /// Reads dead letters, the newest first; from Redis.
    ///
    /// A queue keeps the last 1,000; they do not expire.
    ///
    /// - Parameters:
    ///   - count: The most letters, 1 to 100.
    ///   - last: The last letter of the page before; nil for the first page.
    /// - Throws: ``MemoryStoreError``: `badInput`, `notFound` when the letter that ended the page before is gone.
    public func deadLetters(
        _ count: Int = 100, after last: RandomID? = nil
    ) async throws(MemoryStoreError) -> [DeadLetter<Value>] {
        try QueueLimits.check(count: count)
        guard let letters = try await scripts.letters(count, after: last) else {
            throw MemoryStoreError(.notFound, "the last letter of the page before is gone; begin anew")
        }
        return letters.map { letter in
            DeadLetter(
                id: letter.item.id, value: try? ValueCoding.decode(Value.self, from: letter.item.value),
                priority: letter.item.priority, attempts: letter.item.attempts,
                addedAtMillis: letter.item.addedAtMillis, diedAtMillis: letter.diedAtMillis,
                isDurable: letter.item.isDurable)
        }
    }

    /// Puts dead letters back to the end of the queue with no attempts; fast for fast items, durable for durable ones.
    ///
    /// A durable one comes back under a new id. Letters that are gone already are passed over.
    ///
    /// - Parameters:
    ///   - letters: Ids of 1 to 100 letters.
    ///   - life: How long until they expire; by default as long as each was given at first.
    /// - Returns: How many were put back.
    /// - Throws: ``MemoryStoreError``: `badInput`, `full`, `needsStore`.
    @discardableResult
    public func requeue(
        _ letters: [RandomID], expiresAfter life: Duration? = nil
    ) async throws(MemoryStoreError) -> Int {
        try QueueLimits.check(count: letters.count)
        var millis: Int64?
        if let life { millis = try QueueLimits.millis(life: life) }
        var durable: [StoredQueueItem] = []
        let count = try await shared.makingRoom { () async throws(MemoryStoreError) in
            let (outcome, left) = try await scripts.requeue(letters, lifeMillis: millis, limits: limits)
            durable = left
            return outcome
        }
        guard !durable.isEmpty else { return count }
        try await shared.requirePump().append(
            durable.map { item in
                AppendRequest.Entry(
                    id: item.id.successor, value: item.value, priority: item.priority,
                    timeToLiveMillis: millis ?? max(item.expiresAtMillis - item.addedAtMillis, 1))
            })
        try await discard(durable.map(\.id))
        return count + durable.count
    }

    /// Deletes dead letters; fast for fast items, durable for durable ones.
    ///
    /// - Parameter letters: Ids of 1 to 100 letters; those that are gone already are passed over.
    /// - Returns: How many there were.
    /// - Throws: ``MemoryStoreError``: `badInput`.
    @discardableResult
    public func discard(_ letters: [RandomID]) async throws(MemoryStoreError) -> Int {
        try QueueLimits.check(count: letters.count)
        let (count, durable) = try await scripts.discard(letters)
        await shared.trim(durable)
        return count
    }
}

extension RandomID {
    /// Another id, always the same one: a call that is repeated names what it makes as before.
    fileprivate var successor: RandomID { RandomID(high: ~high, low: low) }
}
