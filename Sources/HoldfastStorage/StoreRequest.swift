/// One member of a group that a store executes in a single transaction.
///
/// Each member is all or nothing, and a refused member never fails the others. No two members of a
/// group name the same record or decide the same trade (``GroupCommitter`` sees to it).
public enum StoreRequest: Sendable {
    case seal(SealRequest)
    /// Behind a reference, since a request is handed on many times on its way to the store.
    indirect case commit(CommitRequest)
    case deliver(Delivery)
    case append(AppendRequest)
    case trim(TrimRequest)
    case submit(ScoreBatch)
    case decide(Decision)

    /// The records that this member touches.
    public var records: [RecordID] {
        switch self {
        case .seal(let seal): [seal.id]
        case .commit(let commit): commit.writes.map(\.id)
        case .deliver(let delivery): [delivery.record]
        case .append, .trim, .submit, .decide: []
        }
    }

    /// Whether it ends a session or mends its hold on a record, and so must wait for no budget.
    var keepsDataSafe: Bool {
        switch self {
        case .seal(let seal): if case .stillMine = seal.condition { true } else { false }
        case .commit(let commit): commit.writes.contains(where: \.releases)
        case .deliver, .append, .trim, .submit: false
        case .decide: true
        }
    }

    /// The trade that this member decides.
    public var trade: RandomID? {
        switch self {
        case .commit(let commit): commit.decision?.trade
        case .decide(let decision): decision.trade
        case .seal, .deliver, .append, .trim, .submit: nil
        }
    }
}

/// The answer to the ``StoreRequest`` at the same position.
public enum StoreReply: Sendable, Equatable {
    case seal(SealOutcome)
    case commit(CommitOutcome)
    case deliver(DeliveryOutcome)
    case append(AppendOutcome)
    /// How many entries were removed.
    case trim(Int)
    case submit(ScoreBatchOutcome)
    /// The verdict that stands: this one, or the one that came first.
    case decide(Decision.Verdict)
}

// MARK: - Seal

/// Takes a record's row for one session: sets fence and owner, and reads what the session starts from.
public struct SealRequest: Sendable {
    /// What must hold for the seal to succeed, besides a fence that never goes down.
    public enum Condition: Sendable, Equatable {
        /// `fence < token`, or `fence = token` with this owner's nonce (a repeated request).
        case supersede
        /// A live session that re-acquired its lease: `fence` and `version` as given, owner's nonce
        /// unchanged; or the row already carries the new token under this nonce (a repeated request).
        case stillMine(fence: Int64, version: Int64)
    }

    /// The row to take; it is created at version 0 when missing.
    public var id: RecordID
    /// The fencing token of the lease; becomes the row's fence.
    public var token: Int64
    /// The session that asks; becomes the row's owner.
    public var owner: Owner
    /// ``Condition/supersede`` for an open; the other for a session that lost its lease in Redis.
    public var condition: Condition
    /// A copy from Redis; when it matches the row, the payload need not be read again.
    public var hot: HotReference?

    /// Joins the parts; by default an open without a hot copy.
    public init(id: RecordID, token: Int64, owner: Owner, condition: Condition = .supersede, hot: HotReference? = nil) {
        self.id = id
        self.token = token
        self.owner = owner
        self.condition = condition
        self.hot = hot
    }
}

/// Names the exact bytes of one save without carrying them.
public struct HotReference: Sendable, Equatable {
    /// The version that the save wrote; at least 1.
    public var version: Int64
    /// The save attempt, which tells two saves of one version apart.
    public var saveID: RandomID
    /// ``Payload/checksum`` of the saved payload.
    public var checksum: UInt64

    /// Joins the three values; checks nothing.
    public init(version: Int64, saveID: RandomID, checksum: UInt64) {
        self.version = version
        self.saveID = saveID
        self.checksum = checksum
    }
}

/// What became of a ``SealRequest``.
public enum SealOutcome: Sendable, Equatable {
    /// The row is this session's now, on disk.
    case sealed(SealedRecord)
    /// The row carries a fence that this token does not exceed; the row names its owner.
    case stale(RowState)
}

/// What a sealed session starts from.
///
/// The row was created (version 0) if it was missing.
public struct SealedRecord: Sendable, Equatable {
    /// The version to save over; 0 = never saved.
    public var version: Int64
    /// The save attempt that wrote the row's data; nil before the first.
    public var saveID: RandomID?
    /// The stored content, or word that the caller's hot copy is it.
    public var document: SealedDocument
    /// Milliseconds since 1970, UTC, of the first save; at version 0 of the row's creation.
    public var createdAtMillis: Int64
    /// Milliseconds since 1970, UTC, of the last write of data; at version 0 of the row's creation.
    public var updatedAtMillis: Int64
    /// Pending operations of this record in order of delivery, at most ``DurableStore/pendingLimit``.
    public var pending: [OperationRecord]
    /// ``Deployment/generation`` as the seal found it, for ``CommitRequest/generation``.
    public var generation: Int64

    /// Joins what a store read after it took the row; checks nothing.
    public init(
        version: Int64, saveID: RandomID?, document: SealedDocument, createdAtMillis: Int64, updatedAtMillis: Int64,
        pending: [OperationRecord], generation: Int64 = 0
    ) {
        self.version = version
        self.saveID = saveID
        self.document = document
        self.createdAtMillis = createdAtMillis
        self.updatedAtMillis = updatedAtMillis
        self.pending = pending
        self.generation = generation
    }
}

/// The document part of a ``SealedRecord``.
public enum SealedDocument: Sendable, Equatable {
    /// Never saved, or deleted.
    case none
    /// The stored content.
    case stored(Content)
    /// The row is exactly the save that ``SealRequest/hot`` names; everything but the payload bytes.
    case hotCopyMatches(schema: Int, userIDs: [String], metadata: [UInt8]?)
}

// MARK: - Settlements and deliveries

/// Moves one pending operation on, in the commit of its effect.
public struct Settlement: Sendable {
    /// The record that the operation was delivered to; one of the commit's writes.
    public var record: RecordID
    /// The operation within ``record``; it must still be pending.
    public var id: OperationID
    /// `pending` keeps it pending with the new attempts and error.
    public var state: OperationState
    /// How often its handler was tried by now; replaces the stored number.
    public var attempts: Int
    /// What the last failed attempt threw; stored cut to 1,000 bytes.
    ///
    /// Nil clears it.
    public var lastError: String?
    /// Until when one that stays pending is left alone, in milliseconds from this commit by the store's clock.
    public var retryAfterMillis: Int64
    /// How far its steps have come, replacing what is stored; at most ``Delivery/maximumPayloadBytes``.
    ///
    /// Nil clears it. One that has begun in this way can no longer be cancelled, and does not expire.
    public var progress: [UInt8]?

    /// Joins the operation with its new state; the store checks the times.
    public init(
        record: RecordID, id: OperationID, state: OperationState, attempts: Int, lastError: String? = nil,
        retryAfterMillis: Int64 = 0, progress: [UInt8]? = nil
    ) {
        self.record = record
        self.id = id
        self.state = state
        self.attempts = attempts
        self.lastError = lastError
        self.retryAfterMillis = retryAfterMillis
        self.progress = progress
    }
}

/// Puts an operation on a record's list, whether or not the record exists or is open anywhere.
public struct Delivery: Sendable, Equatable {
    /// The record whose list gets it.
    public var record: RecordID
    /// Chosen by the sender and kept over retries; unique for ever within ``record``.
    public var id: OperationID
    /// The stable name of the operation's type, which picks the handler.
    public var type: String
    /// Canonical JSON, at most ``maximumPayloadBytes``.
    public var payload: [UInt8]

    /// How long it may stay pending, from its delivery by the store's clock; nil = for ever.
    ///
    /// 1 ms to ``maximumWaitMillis``. A repeated delivery changes nothing about it.
    public var timeToLiveMillis: Int64?
    /// How long handlers leave it alone after its delivery; 0 to ``maximumWaitMillis``.
    public var delayMillis: Int64

    /// The largest payload of an operation: 64 KiB.
    public static let maximumPayloadBytes = 65_536
    /// The longest time to live, delay or backoff of an operation: 400 days.
    public static let maximumWaitMillis: Int64 = 400 * 86_400_000

    /// Joins the parts of one operation; the store checks the payload's size and the times.
    public init(
        record: RecordID, id: OperationID, type: String, payload: [UInt8], timeToLiveMillis: Int64? = nil,
        delayMillis: Int64 = 0
    ) {
        self.record = record
        self.id = id
        self.type = type
        self.payload = payload
        self.timeToLiveMillis = timeToLiveMillis
        self.delayMillis = delayMillis
    }
}

/// What became of a ``Delivery``.
public enum DeliveryOutcome: Sendable, Equatable {
    /// It is on the record's list, on disk, and still pending.
    case delivered
    /// The same operation was delivered before; where it stands now.
    case duplicate(OperationState)
    /// The id is taken by another type or payload.
    case conflict
    /// The record already has ``DurableStore/pendingLimit`` pending operations.
    case full
}
