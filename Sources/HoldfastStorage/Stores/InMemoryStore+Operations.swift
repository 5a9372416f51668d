// Operations and their receipts.

extension InMemoryStore {
    /// See ``OperationStore/pendingOperations(of:)``.
    public func pendingOperations(of records: [RecordID]) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkRecords(records)
        return try withOperations { operations, now in records.flatMap { operations.pending(of: $0, now) } }
    }

    /// See ``OperationStore/operations(of:after:limit:)``.
    public func operations(
        of record: RecordID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkPage(limit)
        return try withOperations { $0.page(of: record, after: sequence, limit: limit, $1) }
    }

    /// See ``OperationStore/operation(_:of:)``.
    public func operation(_ id: OperationID, of record: RecordID) async throws(StoreError) -> OperationRecord? {
        try withOperations { operations, now in
            var found = operations.find(id, record)
            found?.readAtMillis = now
            return found
        }
    }

    /// Looks at every operation.
    public func operations(
        withID id: OperationID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkPage(limit)
        return try withOperations { $0.page(after: sequence, limit: limit, $1) { $0.id == id } }
    }

    /// Looks at every operation.
    public func deadOperations(
        in collection: CollectionName?, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkPage(limit)
        return try withOperations { operations, now in
            operations.page(after: sequence, limit: limit, now) { operation in
                operation.state == .dead && collection.map { $0 == operation.record.collection } ?? true
            }
        }
    }

    /// See ``OperationStore/cancelOperation(_:of:)``.
    public func cancelOperation(
        _ id: OperationID, of record: RecordID
    ) async throws(StoreError) -> OperationCancellation {
        try withOperations { $0.cancel(id, of: record, $1) }
    }

    /// See ``OperationStore/failOperation(_:of:reason:)``.
    public func failOperation(
        _ id: OperationID, of record: RecordID, reason: String
    ) async throws(StoreError) -> OperationFailure {
        try withOperations { $0.fail(id, of: record, reason: reason, $1) }
    }

    /// See ``OperationStore/requeueOperation(_:of:as:)``.
    public func requeueOperation(
        _ id: OperationID, of record: RecordID, as newID: OperationID
    ) async throws(StoreError) -> OperationRequeue {
        try withOperations { $0.requeue(id, of: record, as: newID, $1) }
    }

    /// See ``OperationStore/expireOperations(of:)``.
    public func expireOperations(of record: RecordID) async throws(StoreError) -> Int {
        try withOperations { $0.expire(record, $1) }
    }

    /// Looks at every operation.
    public func shortenReceipts(finishedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int {
        try DurableStoreLimits.checkPage(limit)
        return try withOperations { operations, _ in operations.shorten(finishedBefore: millis, limit: limit) }
    }

    private func withOperations<Result>(
        _ body: (inout InMemoryOperations, _ now: Int64) -> Result
    ) throws(StoreError) -> Result {
        let now = now()
        return try withDeployment { state throws(StoreError) in body(&state.records.operations, now) }
    }
}
