public import HoldfastStorage

// Operations and their receipts.

extension PostgresStore {
    /// Reads the pending operations of many records in one query.
    public func pendingOperations(of records: [RecordID]) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkRecords(records)
        guard !records.isEmpty else { return [] }
        let parameters = Parameters.pendingOperations(of: records, deployment: try await knownDeployment().number)
        let sql = try await hasTimes() ? SQL.pendingOperations : SQL.pendingOperationsOfLayout1
        return try Self.operations(in: try await query(sql, parameters), at: 1)
    }

    /// Reads a page of the operations of one record.
    public func operations(
        of record: RecordID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkPage(limit)
        let parameters = try await scoped { parameters in
            parameters.add(record)
            parameters.add(sequence)
            parameters.add(Int64(limit))
        }
        let sql = try await hasTimes() ? SQL.operations : SQL.operationsOfLayout1
        return try Self.operations(in: try await query(sql, parameters))
    }

    /// Reads one operation or its receipt.
    public func operation(_ id: OperationID, of record: RecordID) async throws(StoreError) -> OperationRecord? {
        let sql = try await hasTimes() ? SQL.operation : SQL.operationOfLayout1
        return try await query(sql, try await named(id, of: record)).first?.operation(at: 0)
    }

    /// Whether operations have times and progress in this store's layout.
    private func hasTimes() async throws(StoreError) -> Bool {
        try await knownDeployment().schema >= LayoutNeed.history.schema
    }

    /// Reads by an index of ids.
    public func operations(
        withID id: OperationID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkPage(limit)
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(Array(id.description.utf8))
            parameters.add(sequence)
            parameters.add(Int64(limit))
        }
        return try Self.operations(in: try await query(SQL.operationsWithID, parameters))
    }

    /// Reads by an index that holds dead letters only.
    public func deadOperations(
        in collection: CollectionName?, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkPage(limit)
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(text: collection?.description)
            parameters.add(sequence)
            parameters.add(Int64(limit))
        }
        return try Self.operations(in: try await query(SQL.deadOperations, parameters))
    }

    /// Decides and writes in one statement.
    public func cancelOperation(
        _ id: OperationID, of record: RecordID
    ) async throws(StoreError) -> OperationCancellation {
        let statement = Statement(SQL.cancelOperation, try await named(id, of: record, in: .history))
        guard let row = try await transact([statement]).first?.first else { return .missing }
        if row.optionalText(1) != nil {
            let state = try row.operationState(1)
            return state == .cancelled ? .cancelled : .settled(state)
        }
        let state = try row.operationState(0)
        return state == .pending && row.flag(2) ? .begun : .settled(state)
    }

    /// Decides and writes in one statement.
    public func failOperation(
        _ id: OperationID, of record: RecordID, reason: String
    ) async throws(StoreError) -> OperationFailure {
        var parameters = try await named(id, of: record, in: .history)
        parameters.add(Settlement.stored(reason))
        guard let row = try await transact([Statement(SQL.failOperation, parameters)]).first?.first else {
            return .missing
        }
        guard row.optionalText(1) != nil else { return .settled(try row.operationState(0)) }
        let state = try row.operationState(1)
        return state == .dead ? .failed : .settled(state)
    }

    /// Decides and writes in one statement, then reads both operations in the same transaction.
    public func requeueOperation(
        _ id: OperationID, of record: RecordID, as newID: OperationID
    ) async throws(StoreError) -> OperationRequeue {
        let old = try await named(id, of: record, in: .history)
        let new = try await named(newID, of: record)
        let place = try await scoped { $0.add([record]) }
        var parameters = old
        parameters.add(Array(newID.description.utf8))
        parameters.add(OperationRecord.requeueMark(newID))
        parameters.add(Int64(DurableStoreLimits.pending))
        let results = try await transact([
            Statement(SQL.lock, place), Statement(SQL.expireOperations, place),
            Statement(SQL.requeueOperation, parameters), Statement(SQL.operation, old), Statement(SQL.operation, new),
        ])
        guard results.count == 5 else { throw StoreError(.internalError, "a requeue had \(results.count) results") }
        if try results[2].first?.integer(0) == 1 { return .requeued }
        let dead = try results[3].first?.operation(at: 0)
        let outcome = OperationRules.requeue(dead, as: newID, taken: try results[4].first?.operation(at: 0))
        // Only the bound of the list is left as a reason.
        return outcome == .requeued ? .full : outcome
    }

    /// Looks at the record's pending operations only.
    public func expireOperations(of record: RecordID) async throws(StoreError) -> Int {
        let parameters = try await scoped(for: .history) { $0.add([record]) }
        return Int(try await transact([Statement(SQL.expireOperations, parameters)]).first?.first?.integer(0) ?? 0)
    }

    /// Finds them by an index that holds receipts which were not shortened yet.
    public func shortenReceipts(finishedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int {
        try DurableStoreLimits.checkPage(limit)
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(millis)
            parameters.add(Int64(limit))
        }
        return Int(try await transact([Statement(SQL.shortenReceipts, parameters)]).first?.first?.integer(0) ?? 0)
    }

    /// Deployment, collection, key, id.
    private func named(
        _ id: OperationID, of record: RecordID, in layout: LayoutNeed = .records
    ) async throws(StoreError) -> Parameters {
        try await scoped(for: layout) { parameters in
            parameters.add(record)
            parameters.add(Array(id.description.utf8))
        }
    }

    private static func operations(
        in result: QueryResult, at column: Int32 = 0
    ) throws(StoreError) -> [OperationRecord] {
        var list: [OperationRecord] = []
        for row in result.rows { list.append(try row.operation(at: column)) }
        return list
    }
}
