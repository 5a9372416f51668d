// Operations: reads are calls of kind `operations`, writes have a kind each.

extension StoreRelay {
    /// Asks the wrapped store.
    public func pendingOperations(of records: [RecordID]) async throws(StoreError) -> [OperationRecord] {
        try await run(.operations) { store async throws(StoreError) in try await store.pendingOperations(of: records) }
    }

    /// Asks the wrapped store.
    public func operations(
        of record: RecordID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try await run(.operations, of: record) { store async throws(StoreError) in
            try await store.operations(of: record, after: sequence, limit: limit)
        }
    }

    /// Asks the wrapped store.
    public func operation(_ id: OperationID, of record: RecordID) async throws(StoreError) -> OperationRecord? {
        try await run(.operations, of: record) { store async throws(StoreError) in
            try await store.operation(id, of: record)
        }
    }

    /// Asks the wrapped store.
    public func operations(
        withID id: OperationID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try await run(.operations) { store async throws(StoreError) in
            try await store.operations(withID: id, after: sequence, limit: limit)
        }
    }

    /// Asks the wrapped store.
    public func deadOperations(
        in collection: CollectionName?, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try await run(.operations) { store async throws(StoreError) in
            try await store.deadOperations(in: collection, after: sequence, limit: limit)
        }
    }

    /// Cancels in the wrapped store.
    public func cancelOperation(
        _ id: OperationID, of record: RecordID
    ) async throws(StoreError) -> OperationCancellation {
        try await run(.cancelOperation, of: record) { store async throws(StoreError) in
            try await store.cancelOperation(id, of: record)
        }
    }

    /// Fails in the wrapped store.
    public func failOperation(
        _ id: OperationID, of record: RecordID, reason: String
    ) async throws(StoreError) -> OperationFailure {
        try await run(.failOperation, of: record) { store async throws(StoreError) in
            try await store.failOperation(id, of: record, reason: reason)
        }
    }

    /// Requeues in the wrapped store.
    public func requeueOperation(
        _ id: OperationID, of record: RecordID, as newID: OperationID
    ) async throws(StoreError) -> OperationRequeue {
        try await run(.requeueOperation, of: record) { store async throws(StoreError) in
            try await store.requeueOperation(id, of: record, as: newID)
        }
    }

    /// Expires in the wrapped store.
    public func expireOperations(of record: RecordID) async throws(StoreError) -> Int {
        try await run(.expireOperations, of: record) { store async throws(StoreError) in
            try await store.expireOperations(of: record)
        }
    }

    /// Shortens in the wrapped store.
    public func shortenReceipts(finishedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int {
        try await run(.shortenReceipts) { store async throws(StoreError) in
            try await store.shortenReceipts(finishedBefore: millis, limit: limit)
        }
    }
}
