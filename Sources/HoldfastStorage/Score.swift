// A score table is the durable side of one season of one board. Like a log it hands out its change numbers under
// a lock that is held until the commit: whoever has applied all changes up to a number has missed none below it.

/// Which way a field of a board is better.
public enum ScoreOrder: String, Sendable, Codable, CaseIterable {
    case descending = "desc"
    case ascending = "asc"
}

/// What a submitted number does to the stored one.
public enum ScoreOperator: String, Sendable, Codable, CaseIterable {
    /// Keeps the better one in the board's order.
    case best
    /// Replaces it.
    case set
    /// Adds to it; a member that is not there counts as 0.
    case increment = "incr"
    /// Subtracts from it, never below 0; a member that is not there counts as 0.
    case decrement = "decr"
}

/// How a submission meets what is stored; the same on every submission to a board, but for the operator.
public struct ScoreRule: Sendable, Equatable {
    /// Which way a score is better.
    public var order: ScoreOrder
    /// Which way a subscore is better among equal scores.
    public var subscoreOrder: ScoreOrder
    /// What a submitted score does.
    public var scoreOperator: ScoreOperator
    /// What a submitted subscore does; nil lets it go with the score: replaced when the pair of both is better
    /// (best), or whenever the score is written (set, incr, decr).
    public var subscoreOperator: ScoreOperator?

    /// Joins the parts of a rule.
    public init(
        order: ScoreOrder = .descending, subscoreOrder: ScoreOrder = .descending,
        scoreOperator: ScoreOperator = .best, subscoreOperator: ScoreOperator? = nil
    ) {
        self.order = order
        self.subscoreOrder = subscoreOrder
        self.scoreOperator = scoreOperator
        self.subscoreOperator = subscoreOperator
    }
}

/// One change to one member of a score table.
public struct ScoreSubmission: Sendable, Equatable {
    /// What the change is.
    public enum Action: Sendable, Equatable {
        /// Meets the stored pair by the rule.
        case submit(score: Int64, subscore: Int64, rule: ScoreRule)
        /// Replaces the metadata, which must be given, and leaves score and subscore as they are; a member that is
        /// not there is refused.
        case metadata
        /// Removes the member with all that it has.
        ///
        /// One that carries a record version is remembered even where no member is.
        case remove
        /// Makes the member one without a score yet; one that is there stays as it is.
        case join
        /// Removes a member that has never submitted.
        case leave
    }

    /// What must hold, else the submission is refused and counts for nothing.
    public struct Conditions: Sendable, Equatable {
        /// The most submissions of one member, at least 1; nil for no bound.
        public var maximumSubmissions: Int?
        /// The most members of the table, at least 1; nil for no bound.
        public var maximumMembers: Int?
        /// Whether the member must be there already.
        public var requiresMember: Bool
        /// When it counts, in milliseconds since 1970 by the store's clock under the table's lock; nil for always.
        public var window: Range<Int64>?

        /// No conditions unless told otherwise.
        public init(
            maximumSubmissions: Int? = nil, maximumMembers: Int? = nil, requiresMember: Bool = false,
            window: Range<Int64>? = nil
        ) {
            self.maximumSubmissions = maximumSubmissions
            self.maximumMembers = maximumMembers
            self.requiresMember = requiresMember
            self.window = window
        }
    }

    /// The largest metadata: 4 KiB.
    public static let maximumMetadataBytes = 4_096

    /// The score table.
    public var table: SpaceName
    /// The member.
    public var member: Key
    /// What happens to it.
    public var action: Action
    /// Canonical JSON that replaces the member's, 1 to ``maximumMetadataBytes``; nil keeps what is there.
    public var metadata: [UInt8]?
    /// What must hold.
    public var conditions: Conditions
    /// The version of the record that this score was read from, at least 1; nil for a submission of its own.
    ///
    /// A change with a lower or equal version than the member's last one is passed over.
    public var recordVersion: Int64?
    /// The most submissions that one stands for.
    public static let maximumCount = 1_000_000
    /// How many submissions of the member it stands for, 1 to ``maximumCount``: several where they were joined into
    /// one.
    public var count: Int

    /// Joins the parts; the store checks them.
    public init(
        table: SpaceName, member: Key, action: Action, metadata: [UInt8]? = nil, conditions: Conditions = Conditions(),
        recordVersion: Int64? = nil, count: Int = 1
    ) {
        self.table = table
        self.member = member
        self.action = action
        self.metadata = metadata
        self.conditions = conditions
        self.recordVersion = recordVersion
        self.count = count
    }
}

/// Submissions that one process sends together.
///
/// Each is applied or refused on its own, in this order; the whole batch takes effect once, however often it is
/// sent: the store remembers the ids of recent batches for an hour at least.
public struct ScoreBatch: Sendable {
    /// The most submissions of one batch.
    public static let maximumSubmissions = 256

    /// Fresh for every new batch; a repeated one carries the same.
    public var id: RandomID
    /// 1 to ``maximumSubmissions``; a member may occur several times.
    public var submissions: [ScoreSubmission]

    /// Joins the parts; the store checks them.
    public init(id: RandomID, submissions: [ScoreSubmission]) {
        self.id = id
        self.submissions = submissions
    }
}

/// One member of a score table as it stands.
public struct ScoreRow: Sendable, Equatable {
    /// The member.
    public var member: Key
    /// Its score and, among equal scores, its subscore.
    public var score: Int64, subscore: Int64
    /// How often it was submitted; 0 for one that joined and has no score yet.
    public var submissions: Int64
    /// The table's number of the last change to this row.
    public var change: Int64
    /// The change that first gave it this score and subscore: lower got there first.
    public var reached: Int64
    /// Canonical JSON; nil when it has none.
    public var metadata: [UInt8]?
    /// Milliseconds since 1970, UTC, of the last change.
    public var updatedAtMillis: Int64
    /// Whether it was removed; the row stays for those who follow changes, and counts as absent.
    public var isRemoved: Bool

    /// Joins the columns of one row; checks nothing.
    public init(
        member: Key, score: Int64, subscore: Int64, submissions: Int64, change: Int64, reached: Int64,
        metadata: [UInt8]?, updatedAtMillis: Int64, isRemoved: Bool
    ) {
        self.member = member
        self.score = score
        self.subscore = subscore
        self.submissions = submissions
        self.change = change
        self.reached = reached
        self.metadata = metadata
        self.updatedAtMillis = updatedAtMillis
        self.isRemoved = isRemoved
    }
}

/// What became of one ``ScoreSubmission``.
public enum ScoreOutcome: Sendable, Equatable {
    /// The row as it stands now, on disk; `changed` says whether score or subscore are others than before.
    case accepted(ScoreRow, changed: Bool)
    /// Removed now, or not there before either.
    case removed
    /// Nothing was written, and why.
    case refused(Refusal)

    /// Why a submission counted for nothing.
    public enum Refusal: Sendable, Equatable {
        /// The sum would leave the range of Int64.
        case overflow
        /// The member used up its submissions.
        case noSubmissionsLeft
        /// The table has as many members as it may have.
        case full
        /// The member is not there.
        case notAMember
        /// A newer version of the record was projected before.
        case superseded
        /// The store's clock shows this time, which is not within ``Conditions/window``.
        case outsideWindow(nowMillis: Int64)
        /// The member has submitted, so it cannot leave.
        case hasSubmitted
    }
}

/// What became of a ``ScoreBatch``: an outcome for each submission, in its order.
public struct ScoreBatchOutcome: Sendable, Equatable {
    /// One for each submission.
    ///
    /// A repeated batch gets the rows as they stand now, unchanged, and its refusals as they were.
    public var outcomes: [ScoreOutcome]
    /// The generation of every table that the batch names; one that was not there was created.
    public var generations: [SpaceName: RandomID]
    /// For every table that the batch changed, the numbers that its changes took: consecutive, one each.
    ///
    /// Empty for a repeated batch.
    public var changes: [SpaceName: ClosedRange<Int64>]

    /// Joins the parts as a store found them.
    public init(
        outcomes: [ScoreOutcome], generations: [SpaceName: RandomID], changes: [SpaceName: ClosedRange<Int64>]
    ) {
        self.outcomes = outcomes
        self.generations = generations
        self.changes = changes
    }
}

/// A part of a score table, read in order of change.
public struct ScorePage: Sendable, Equatable {
    /// Drawn when the table was created: another one means that it was dropped and made anew.
    public var generation: RandomID
    /// In order of change, removed rows included.
    public var rows: [ScoreRow]
    /// The last change number handed out.
    public var lastChange: Int64

    /// Joins the parts as a store read them.
    public init(generation: RandomID, rows: [ScoreRow], lastChange: Int64) {
        self.generation = generation
        self.rows = rows
        self.lastChange = lastChange
    }
}
