import Foundation
import GRDB
import HoldfastStorage

/// The operations' part of a transaction.
///
/// In a store of a layout before 3, operations have no times and no progress.
struct OperationTransaction {
    private let database: Database
    private let deployment: Int64
    private let hasTimes: Bool
    private let now: Int64

    init(_ database: Database, deployment: Int64, schema: Int, now: Int64) {
        self.database = database
        self.deployment = deployment
        self.hasTimes = schema >= LayoutNeed.history.schema
        self.now = now
    }

    // MARK: - Reads

    func pending(of record: RecordID) throws -> [OperationRecord] {
        let sql = hasTimes ? Statements.pendingOperations : Statements.pendingOperationsOfLayout1
        let time: StatementArguments = hasTimes ? [now] : []
        return try database.all(sql, record.arguments(deployment) + time + [DurableStoreLimits.pending]) {
            try $0.operation(of: record, now)
        }
    }

    func page(of record: RecordID, after sequence: Int64, limit: Int) throws -> [OperationRecord] {
        let sql = hasTimes ? Statements.operations : Statements.operationsOfLayout1
        return try database.all(sql, record.arguments(deployment) + [sequence, limit]) {
            try $0.operation(of: record, now)
        }
    }

    func find(_ id: OperationID, _ record: RecordID) throws -> OperationRecord? {
        let sql = hasTimes ? Statements.operation : Statements.operationOfLayout1
        return try database.first(sql, name(id, record)) { try $0.operation(of: record, now) }
    }

    func isPending(_ id: OperationID, _ record: RecordID) throws -> Bool {
        try database.first(Statements.operationState, name(id, record)) { try $0.text() } == "pending"
    }

    // MARK: - Writes

    /// False when it was no longer pending.
    func settle(_ settlement: Settlement) throws -> Bool {
        let isPending = settlement.state == .pending
        var changes: StatementArguments = [
            settlement.state.rawValue, settlement.attempts, settlement.storedError, isPending ? nil : now,
        ]
        if hasTimes {
            let retryAt = isPending && settlement.retryAfterMillis > 0 ? now + settlement.retryAfterMillis : nil
            changes += [retryAt, settlement.progress.map { Data($0) }]
        }
        let sql = hasTimes ? Statements.settle : Statements.settleOfLayout1
        return try database.run(sql, changes + name(settlement.id, settlement.record)) == 1
    }

    func deliver(_ delivery: Delivery) throws -> DeliveryOutcome {
        try expire(delivery.record)
        if let existing = try find(delivery.id, delivery.record) {
            return OperationRules.redelivery(delivery, of: existing)
        }
        guard try !isFull(delivery.record) else { return .full }
        try insert([delivery])
        return .delivered
    }

    /// Puts operations on their records' lists, on a full one as dead letters.
    func insert(_ deliveries: [Delivery]) throws {
        for delivery in deliveries {
            let fits = try !isFull(delivery.record)
            var arguments = name(delivery.id, delivery.record) + [delivery.type, Data(delivery.payload), now]
            let state: OperationState = fits ? .pending : .dead
            arguments += [state.rawValue, fits ? nil : OperationRecord.fullList, fits ? nil : now]
            if hasTimes {
                arguments += [
                    delivery.timeToLiveMillis.map { now + $0 },
                    delivery.delayMillis > 0 ? now + delivery.delayMillis : nil,
                ]
            }
            try database.run(
                hasTimes ? Statements.insertOperation : Statements.insertOperationOfLayout1, arguments)
        }
    }

    func cancel(_ id: OperationID, of record: RecordID) throws -> OperationCancellation {
        try expire(record)
        let outcome = OperationRules.cancellation(of: try find(id, record), now: now)
        if outcome == .cancelled { try finish(id, record, .cancelled) }
        return outcome
    }

    func fail(_ id: OperationID, of record: RecordID, reason: String) throws -> OperationFailure {
        try expire(record)
        let outcome = OperationRules.failure(of: try find(id, record), now: now)
        if outcome == .failed {
            try database.run(Statements.failOperation, [Settlement.stored(reason), now] + name(id, record))
        }
        return outcome
    }

    func requeue(_ id: OperationID, of record: RecordID, as newID: OperationID) throws -> OperationRequeue {
        try expire(record)
        let outcome = OperationRules.requeue(try find(id, record), as: newID, taken: try find(newID, record))
        guard outcome == .requeued else { return outcome }
        guard try !isFull(record) else { return .full }
        try database.run(
            Statements.requeueOperation, [Data(newID.description.utf8), now] + name(id, record))
        try finish(id, record, .cancelled, OperationRecord.requeueMark(newID))
        return .requeued
    }

    @discardableResult
    func expire(_ record: RecordID) throws -> Int {
        guard hasTimes else { return 0 }
        return try database.run(Statements.expireOperations, [now] + record.arguments(deployment) + [now])
    }

    func shorten(finishedBefore millis: Int64, limit: Int) throws -> Int {
        try database.run(Statements.shortenReceipts, [deployment, millis, limit])
    }

    private func finish(
        _ id: OperationID, _ record: RecordID, _ state: OperationState, _ reason: String? = nil
    ) throws {
        try database.run(Statements.finishOperation, [state.rawValue, reason, now] + name(id, record))
    }

    private func isFull(_ record: RecordID) throws -> Bool {
        let sql = hasTimes ? Statements.countPending : Statements.countPendingOfLayout1
        let time: StatementArguments = hasTimes ? [now] : []
        let arguments = record.arguments(deployment) + time + [DurableStoreLimits.pending]
        return try database.first(sql, arguments) { try $0.int() } ?? 0 >= DurableStoreLimits.pending
    }

    private func name(_ id: OperationID, _ record: RecordID) -> StatementArguments {
        record.arguments(deployment) + [Data(id.description.utf8)]
    }
}
