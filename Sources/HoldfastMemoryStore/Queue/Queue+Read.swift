import HoldfastStorage

extension Queue {
    /// Takes the next items into a batch, which no other read sees until its time is over; from Redis.
    ///
    /// Waiting takes no connection of its own and asks nobody else: a hint names the one process that should look, and
    /// a poll every few seconds makes up for lost hints. A lost reply is settled by repeating the request, which
    /// returns the same batch; where that fails, too, the items come back after their time.
    ///
    /// An item whose value is no `Value` (another build may have written it) is given back for others to read, and
    /// counts as read.
    ///
    /// - Parameters:
    ///   - count: The most items, 1 to 100.
    ///   - allOrNothing: Whether to take exactly `count` items, or none.
    ///   - wait: How long to wait where there is nothing to take; not at all by default.
    ///   - invisible: How long others do not see the items; by default ``QueueOptions/invisibilityTimeout``.
    /// - Returns: The batch; nil when there was nothing in time.
    /// - Throws: ``MemoryStoreError``: `badInput`; `deadline` when the task was cancelled while it waited.
    public func read(
        _ count: Int = 1, allOrNothing: Bool = false, waitingUpTo wait: Duration = .zero,
        invisibleFor invisible: Duration? = nil
    ) async throws(MemoryStoreError) -> QueueBatch<Value>? {
        try QueueLimits.check(count: count)
        let invisible = invisible ?? options.invisibilityTimeout
        let request = QueueScripts.ReadRequest(
            batch: .random(), count: count, allOrNothing: allOrNothing,
            invisibleMillis: try QueueLimits.millis(invisible: invisible), maximumAttempts: options.maximumAttempts,
            waiter: wait > .zero ? shared.token : nil)
        guard wait > .zero else { return try await look(request, invisible) }
        return try await read(request, invisible, until: .now + min(wait, QueueLimits.longest))
    }

    private func read(
        _ request: QueueScripts.ReadRequest, _ invisible: Duration, until deadline: ContinuousClock.Instant
    ) async throws(MemoryStoreError) -> QueueBatch<Value>? {
        let room = shared.room
        let id = room.join()
        defer { room.leave(id) }
        repeat {
            if let batch = try await look(request, invisible) {
                room.finish(id, .found)
                return batch
            }
            room.finish(id, request.allOrNothing ? .tooFew : .nothing)
        } while await room.turn(id, until: deadline)
        guard !Task.isCancelled else {
            throw MemoryStoreError(.deadline, "the task was cancelled while it waited for items")
        }
        return nil
    }

    /// Reads what is there now.
    private func look(
        _ request: QueueScripts.ReadRequest, _ invisible: Duration
    ) async throws(MemoryStoreError) -> QueueBatch<Value>? {
        while true {
            let until = ContinuousClock.now + invisible
            guard let found = try await shared.read(request) else { return nil }
            var items: [QueueItem<Value>] = []
            var unreadable: [RandomID] = []
            for stored in found {
                do throws(MemoryStoreError) {
                    items.append(QueueItem(stored, value: try ValueCoding.decode(Value.self, from: stored.value)))
                } catch {
                    unreadable.append(stored.id)
                }
            }
            if !unreadable.isEmpty {
                try await shared.giveBack(unreadable, of: request.batch, delayMillis: request.invisibleMillis)
            }
            QueueMetrics.redeliveries.increment(by: items.count { $0.attempts > 1 })
            if !items.isEmpty || found.isEmpty {
                return items.isEmpty ? nil : QueueBatch(id: request.batch, items: items, invisibleUntil: until)
            }
        }
    }

    /// Takes the next items, hands them to `body`, and removes them when it returns; removed as ``remove(_:)`` does.
    ///
    /// When it throws they are given back at once, for the next attempt. When it takes longer than they are invisible
    /// others get them, too: extend the batch in time.
    ///
    /// - Parameters:
    ///   - count: The most items, 1 to 100.
    ///   - wait: How long to wait where there is nothing to take.
    ///   - body: Handles the items.
    /// - Returns: What `body` returned; nil when there was nothing in time, or when the batch came back to others
    ///   before `body` was done.
    /// - Throws: What `body` throws, and ``MemoryStoreError``.
    public nonisolated(nonsending) func withBatch<Result>(
        of count: Int = 1, waitingUpTo wait: Duration = .zero,
        _ body: (QueueBatch<Value>) async throws -> Result
    ) async throws -> Result? {
        guard let batch = try await read(count, waitingUpTo: wait) else { return nil }
        let result: Result
        do {
            result = try await body(batch)
        } catch {
            // The task may be cancelled; giving back must go through all the same.
            let release = Task { try? await self.release(batch.id) }
            _ = await release.value
            throw error
        }
        return try await remove(batch.id) ? result : nil
    }
}
