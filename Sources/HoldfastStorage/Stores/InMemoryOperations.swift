/// The operations of an ``InMemoryStore`` with their receipts.
struct InMemoryOperations {
    /// In order of delivery.
    private var lists: [RecordID: [OperationRecord]] = [:]
    private var lastSequence: Int64 = 0

    // MARK: - Writes

    func isPending(_ id: OperationID, _ record: RecordID) -> Bool {
        find(id, record)?.state == .pending
    }

    func pendingCount(of collection: CollectionName) -> Int {
        lists.filter { $0.key.collection == collection }.reduce(0) { sum, list in
            sum + list.value.count { $0.state == .pending }
        }
    }

    mutating func settle(_ settlement: Settlement, _ now: Int64) {
        change(settlement.id, settlement.record) { operation in
            let isPending = settlement.state == .pending
            operation.state = settlement.state
            operation.attempts = settlement.attempts
            operation.lastError = settlement.storedError
            operation.progress = settlement.progress
            operation.finishedAtMillis = isPending ? nil : now
            operation.dueAtMillis =
                isPending && settlement.retryAfterMillis > 0 ? now + settlement.retryAfterMillis : nil
        }
    }

    mutating func deliver(_ delivery: Delivery, _ now: Int64) -> DeliveryOutcome {
        expire(delivery.record, now)
        if let existing = find(delivery.id, delivery.record) {
            return OperationRules.redelivery(delivery, of: existing)
        }
        guard pendingCount(delivery.record) < DurableStoreLimits.pending else { return .full }
        insert(delivery, now)
        return .delivered
    }

    /// Adds an operation, unless its id is taken; on a full list as a dead letter.
    mutating func insert(_ delivery: Delivery, _ now: Int64) {
        guard find(delivery.id, delivery.record) == nil else { return }
        let pending = (lists[delivery.record] ?? []).count { $0.state == .pending && !$0.isExpired(atMillis: now) }
        let fits = pending < DurableStoreLimits.pending
        append(
            OperationRecord(
                record: delivery.record, id: delivery.id, type: delivery.type, payload: delivery.payload,
                state: fits ? .pending : .dead, attempts: 0, lastError: fits ? nil : OperationRecord.fullList,
                sequence: 0, deliveredAtMillis: now, finishedAtMillis: fits ? nil : now,
                expiresAtMillis: delivery.timeToLiveMillis.map { now + $0 },
                dueAtMillis: delivery.delayMillis > 0 ? now + delivery.delayMillis : nil
            )
        )
    }

    private mutating func append(_ operation: OperationRecord) {
        lastSequence += 1
        var operation = operation
        operation.sequence = lastSequence
        lists[operation.record, default: []].append(operation)
    }

    mutating func cancel(_ id: OperationID, of record: RecordID, _ now: Int64) -> OperationCancellation {
        expire(record, now)
        let outcome = OperationRules.cancellation(of: find(id, record), now: now)
        if outcome == .cancelled { change(id, record) { $0.finish(.cancelled, now) } }
        return outcome
    }

    mutating func fail(_ id: OperationID, of record: RecordID, reason: String, _ now: Int64) -> OperationFailure {
        expire(record, now)
        let outcome = OperationRules.failure(of: find(id, record), now: now)
        guard outcome == .failed else { return outcome }
        change(id, record) { operation in
            let progress = operation.progress
            operation.finish(.dead, now)
            operation.progress = progress
            operation.lastError = Settlement.stored(reason)
        }
        return outcome
    }

    mutating func requeue(
        _ id: OperationID, of record: RecordID, as newID: OperationID, _ now: Int64
    ) -> OperationRequeue {
        expire(record, now)
        let dead = find(id, record)
        let outcome = OperationRules.requeue(dead, as: newID, taken: find(newID, record))
        guard outcome == .requeued, var fresh = dead else { return outcome }
        guard pendingCount(record) < DurableStoreLimits.pending else { return .full }
        change(id, record) { operation in
            operation.finish(.cancelled, now)
            operation.lastError = OperationRecord.requeueMark(newID)
        }
        fresh.id = newID
        fresh.state = .pending
        fresh.attempts = 0
        fresh.lastError = nil
        fresh.deliveredAtMillis = now
        fresh.finishedAtMillis = nil
        fresh.expiresAtMillis = nil
        append(fresh)
        return .requeued
    }

    @discardableResult
    mutating func expire(_ record: RecordID, _ now: Int64) -> Int {
        let expired = (lists[record] ?? []).filter { $0.isExpired(atMillis: now) }
        for operation in expired { change(operation.id, record) { $0.finish(.expired, now) } }
        return expired.count
    }

    mutating func shorten(finishedBefore millis: Int64, limit: Int) -> Int {
        let receipts = all { operation in
            ![.pending, .dead].contains(operation.state) && !operation.payload.isEmpty
                && operation.finishedAtMillis.map { $0 < millis } ?? false
        }
        let page = receipts.prefix(limit)
        for operation in page {
            change(operation.id, operation.record) { $0.shorten() }
        }
        return page.count
    }

    /// Cancels what is pending and leaves of all only what recognises it; false when there was nothing.
    mutating func erase(_ record: RecordID, _ now: Int64) -> Bool {
        let whole = (lists[record] ?? []).filter { operation in
            operation.state == .pending || !operation.payload.isEmpty || operation.lastError != nil
        }
        for operation in whole {
            change(operation.id, record) { operation in
                if operation.state == .pending { operation.finish(.cancelled, now) }
                operation.shorten()
            }
        }
        return !whole.isEmpty
    }

    private mutating func change(
        _ id: OperationID, _ record: RecordID, _ change: (inout OperationRecord) -> Void
    ) {
        guard let index = lists[record]?.firstIndex(where: { $0.id == id }) else { return }
        change(&lists[record]![index])
    }

    // MARK: - Backup

    /// Every operation, in order of delivery.
    var inOrder: [OperationRecord] { all { _ in true } }

    /// Adds an operation behind all others.
    mutating func add(_ operation: OperationRecord) { append(operation) }

    // MARK: - Reads

    func find(_ id: OperationID, _ record: RecordID) -> OperationRecord? {
        lists[record]?.first { $0.id == id }
    }

    private func pendingCount(_ record: RecordID) -> Int {
        (lists[record] ?? []).count { $0.state == .pending }
    }

    func pending(of record: RecordID, _ now: Int64) -> [OperationRecord] {
        let all = (lists[record] ?? []).filter { $0.state == .pending }
        let waiting = all.filter { $0.dueAtMillis ?? 0 > now }
        let due = all.filter { $0.dueAtMillis ?? 0 <= now }
        return read(due + waiting, limit: DurableStoreLimits.pending, now) { _ in true }
    }

    func page(of record: RecordID, after sequence: Int64, limit: Int, _ now: Int64) -> [OperationRecord] {
        read(lists[record] ?? [], limit: limit, now) { $0.sequence > sequence }
    }

    /// Looks at every operation and sorts what it found.
    func page(
        after sequence: Int64, limit: Int, _ now: Int64, where isWanted: (OperationRecord) -> Bool
    ) -> [OperationRecord] {
        read(all { $0.sequence > sequence && isWanted($0) }, limit: limit, now) { _ in true }
    }

    private func all(_ isWanted: (OperationRecord) -> Bool) -> [OperationRecord] {
        lists.values.flatMap { $0.filter(isWanted) }.sorted { $0.sequence < $1.sequence }
    }

    private func read(
        _ list: [OperationRecord], limit: Int, _ now: Int64, _ isWanted: (OperationRecord) -> Bool
    ) -> [OperationRecord] {
        list.lazy.filter(isWanted).prefix(limit).map { operation in
            var operation = operation
            operation.readAtMillis = now
            return operation
        }
    }
}

extension OperationRecord {
    fileprivate mutating func finish(_ state: OperationState, _ now: Int64) {
        self.state = state
        finishedAtMillis = now
        dueAtMillis = nil
        progress = nil
    }

    fileprivate mutating func shorten() {
        payload = []
        lastError = nil
        progress = nil
    }
}
