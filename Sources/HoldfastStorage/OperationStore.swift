/// The part of a ``DurableStore`` that keeps operations and their receipts.
///
/// Times are those of the store's clock. An operation whose time is over stays `pending` in the rows that are read
/// until somebody settles it: a session, a delivery that meets it, or ``expireOperations(of:)``.
public protocol OperationStore: Sendable {
    /// Pending operations of many records at once, at most ``DurableStore/pendingLimit`` a record and 1,000 records a
    /// call: of each record those that may be tried now, then those that wait for their time, both in order of
    /// delivery.
    func pendingOperations(of records: [RecordID]) async throws(StoreError) -> [OperationRecord]

    /// Operations of one record in order of delivery, receipts included, at most `limit` (1 to 1,000).
    func operations(
        of record: RecordID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord]

    /// One operation or its receipt; nil when it was never delivered to this record.
    func operation(_ id: OperationID, of record: RecordID) async throws(StoreError) -> OperationRecord?

    /// What was delivered under one id to whatever record, in order of delivery, `sequence` exclusive, at most `limit`
    /// (1 to 1,000).
    func operations(
        withID id: OperationID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord]

    /// Dead letters of a collection, or of all, in order of delivery, `sequence` exclusive, at most `limit` (1 to
    /// 1,000).
    func deadOperations(
        in collection: CollectionName?, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord]

    /// Cancels an operation that is still pending and has not begun; a commit of its effect that is under way either
    /// came before, or is refused as a whole. Durable; safe to repeat.
    func cancelOperation(_ id: OperationID, of record: RecordID) async throws(StoreError) -> OperationCancellation

    /// Makes an operation that is still pending a dead letter with a reason (cut to 1,000 bytes), also one whose steps
    /// have begun; what it would have done is refused as after a cancellation. It keeps its payload and progress.
    /// Durable; safe to repeat.
    func failOperation(
        _ id: OperationID, of record: RecordID, reason: String
    ) async throws(StoreError) -> OperationFailure

    /// Delivers a dead letter's type, payload and progress anew under another id, and marks the dead letter as
    /// cancelled with `requeued as <id>`, in one transaction. Durable; safe to repeat. It has no time to live any more.
    func requeueOperation(
        _ id: OperationID, of record: RecordID, as newID: OperationID
    ) async throws(StoreError) -> OperationRequeue

    /// Settles a record's pending operations whose time is over as `expired`; durable. Returns how many there were.
    func expireOperations(of record: RecordID) async throws(StoreError) -> Int

    /// Shrinks receipts that were settled before a time to what recognises the operation for ever: id, type, state and
    /// times. Durable; at most `limit` (1 to 1,000) a call. Dead letters keep their payload.
    ///
    /// - Returns: How many were shortened; fewer than `limit` means that none is left.
    func shortenReceipts(finishedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int
}

/// What became of a cancellation.
public enum OperationCancellation: Sendable, Equatable {
    /// It will never take effect; its receipt says `cancelled`.
    case cancelled
    /// Its first step is committed already: it goes on.
    case begun
    /// It was settled before, perhaps by its own expiry in this very call.
    case settled(OperationState)
    /// No such operation was delivered to this record.
    case missing
}

/// What became of an operation that was to be made a dead letter.
public enum OperationFailure: Sendable, Equatable {
    /// It is a dead letter now; nothing more of it takes effect.
    case failed
    /// It was settled before, perhaps by its own expiry in this very call.
    case settled(OperationState)
    /// No such operation was delivered to this record.
    case missing
}

/// What became of a dead letter that was to be delivered anew.
public enum OperationRequeue: Sendable, Equatable {
    /// It is on the record's list under the new id.
    case requeued
    /// This dead letter was requeued under this id before; where that stands now.
    case duplicate(OperationState)
    /// The operation is no dead letter, or one that was requeued under another id.
    case notDead(OperationState)
    /// Its payload went with the erasure of its record.
    case erased
    /// The new id is taken by another operation of this record.
    case taken
    /// The record already has ``DurableStore/pendingLimit`` pending operations.
    case full
    /// No such operation was delivered to this record.
    case missing
}
