#if DEBUG
    import HoldfastStorage

    extension StoreDecorator {
        func pendingOperations(of records: [RecordID]) async throws(StoreError) -> [OperationRecord] {
            try await base.pendingOperations(of: records)
        }

        func operations(of record: RecordID, after sequence: Int64, limit: Int) async throws(StoreError)
            -> [OperationRecord]
        {
            try await base.operations(of: record, after: sequence, limit: limit)
        }

        func operation(_ id: OperationID, of record: RecordID) async throws(StoreError) -> OperationRecord? {
            try await base.operation(id, of: record)
        }

        func operations(withID id: OperationID, after sequence: Int64, limit: Int) async throws(StoreError)
            -> [OperationRecord]
        {
            try await base.operations(withID: id, after: sequence, limit: limit)
        }

        func deadOperations(in collection: CollectionName?, after sequence: Int64, limit: Int)
            async throws(StoreError) -> [OperationRecord]
        {
            try await base.deadOperations(in: collection, after: sequence, limit: limit)
        }

        func cancelOperation(_ id: OperationID, of record: RecordID) async throws(StoreError)
            -> OperationCancellation
        {
            try await base.cancelOperation(id, of: record)
        }

        func requeueOperation(_ id: OperationID, of record: RecordID, as newID: OperationID)
            async throws(StoreError) -> OperationRequeue
        {
            try await base.requeueOperation(id, of: record, as: newID)
        }

        func expireOperations(of record: RecordID) async throws(StoreError) -> Int {
            try await base.expireOperations(of: record)
        }

        func shortenReceipts(finishedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int {
            try await base.shortenReceipts(finishedBefore: millis, limit: limit)
        }
    }
#endif
