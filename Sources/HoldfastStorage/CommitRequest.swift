/// Writes one or more records and settles their operations, all or nothing.
///
/// One write is a save; several are a trade. The generation must be the store's, every write must hit its row
/// (fence, owner's nonce and version all match), every settled operation must still be pending and the trade must not
/// be decided, in this order, else nothing is written and ``CommitOutcome`` names the first of them that failed.
public struct CommitRequest: Sendable {
    /// The most projections of one commit.
    public static let maximumProjections = 64
    /// The most log entries of one commit.
    public static let maximumEntries = 64

    /// One for each record, no record twice; at least one.
    public var writes: [RecordWrite]
    /// Operations of the written records whose effect, or verdict, is part of this commit.
    public var settlements: [Settlement]
    /// Operations delivered by this very commit; an id that already exists is left as it is.
    ///
    /// Where the record has ``DurableStore/pendingLimit`` pending operations already, a delivery is a dead letter from
    /// the start, which can be requeued: nobody's full list keeps another record from being saved.
    public var deliveries: [Delivery]
    /// Scores that go with the written records, in the same transaction; each carries its record's new version.
    ///
    /// At most ``maximumProjections``, no member of a table twice. A refused one never refuses the commit.
    public var projections: [ScoreSubmission]
    /// Log entries that go with the written records, in the same transaction: ledger, audit, outbox.
    ///
    /// Each log once and without a limit, at most ``maximumEntries`` in all.
    public var entries: [AppendRequest]
    /// Decides a trade in this very commit.
    public var decision: Decision?
    /// What the session learned at its seal; another one that stands refuses the commit.
    ///
    /// Nil is not compared.
    public var generation: Int64?

    /// Joins the parts of one commit; the group that carries it is checked by the store.
    public init(
        writes: [RecordWrite], settlements: [Settlement] = [], deliveries: [Delivery] = [],
        projections: [ScoreSubmission] = [], entries: [AppendRequest] = [], decision: Decision? = nil,
        generation: Int64? = nil
    ) {
        self.writes = writes
        self.settlements = settlements
        self.deliveries = deliveries
        self.projections = projections
        self.entries = entries
        self.decision = decision
        self.generation = generation
    }
}

/// What became of a ``CommitRequest``.
public enum CommitOutcome: Sendable, Equatable {
    /// Every write hit its row; all of it is on disk.
    case committed
    /// Nothing was written; the rows named by the request as they stand (nil = missing), in its order,
    /// and the ids of settlements that were no longer pending.
    case refused(rows: [RowState?], settled: [OperationID])
    /// Nothing was written: all else matched, but the trade was decided before, and this is the verdict.
    case decided(Decision.Verdict)
    /// Nothing was written: the store was restored since the session's seal and has another generation.
    case storeRestored
}
