import Foundation
import GRDB
public import HoldfastStorage

// Operations and their receipts.

extension SQLiteStore {
    /// Runs one query a record, all in one read transaction.
    public func pendingOperations(of records: [RecordID]) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkRecords(records)
        return try await look { operations in try records.flatMap { try operations.pending(of: $0) } }
    }

    /// Reads a page of one record's operations.
    public func operations(
        of record: RecordID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkPage(limit)
        return try await look { try $0.page(of: record, after: sequence, limit: limit) }
    }

    /// Reads one row by the unique index, however many there are.
    public func operation(_ id: OperationID, of record: RecordID) async throws(StoreError) -> OperationRecord? {
        try await look { try $0.find(id, record) }
    }

    private func look<Value: Sendable>(
        _ body: @escaping @Sendable (OperationTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        let (deployment, schema) = try await place()
        let now = now()
        return try await read { database in
            try body(OperationTransaction(database, deployment: deployment, schema: schema, now: now))
        }
    }

    /// Reads by an index of ids.
    public func operations(
        withID id: OperationID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkPage(limit)
        let deployment = try await number(for: .history)
        return try await page(
            Statements.operationsWithID, [deployment, Data(id.description.utf8), sequence, limit])
    }

    /// Reads by an index that holds dead letters only.
    public func deadOperations(
        in collection: CollectionName?, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkPage(limit)
        let deployment = try await number(for: .history)
        guard let collection else {
            return try await page(Statements.deadOperations, [deployment, sequence, limit])
        }
        return try await page(
            Statements.deadOperationsOfCollection, [deployment, collection.description, sequence, limit])
    }

    private func page(_ sql: String, _ arguments: StatementArguments) async throws(StoreError) -> [OperationRecord] {
        let now = now()
        return try await read { database in
            try database.all(sql, arguments) { reader in
                let record = try reader.record()
                return try reader.operation(of: record, now)
            }
        }
    }

    /// Decides and writes in one immediate transaction.
    public func cancelOperation(
        _ id: OperationID, of record: RecordID
    ) async throws(StoreError) -> OperationCancellation {
        try await change { try $0.cancel(id, of: record) }
    }

    /// Decides and writes in one immediate transaction.
    public func failOperation(
        _ id: OperationID, of record: RecordID, reason: String
    ) async throws(StoreError) -> OperationFailure {
        try await change { try $0.fail(id, of: record, reason: reason) }
    }

    /// Decides and writes in one immediate transaction.
    public func requeueOperation(
        _ id: OperationID, of record: RecordID, as newID: OperationID
    ) async throws(StoreError) -> OperationRequeue {
        try await change { try $0.requeue(id, of: record, as: newID) }
    }

    /// Looks at the record's pending operations only.
    public func expireOperations(of record: RecordID) async throws(StoreError) -> Int {
        try await change { try $0.expire(record) }
    }

    /// Finds them by an index that holds receipts which were not shortened yet.
    public func shortenReceipts(finishedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int {
        try DurableStoreLimits.checkPage(limit)
        return try await change { try $0.shorten(finishedBefore: millis, limit: limit) }
    }

    /// Decides and writes in one immediate transaction.
    private func change<Value: Sendable>(
        _ body: @escaping @Sendable (OperationTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        let (deployment, schema) = try await place(for: .history)
        return try await transaction(.immediate) { [now] database in
            try body(OperationTransaction(database, deployment: deployment, schema: schema, now: now()))
        }
    }
}
