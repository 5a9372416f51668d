/// The boards of a deployment, for those who bring scores to them in commits of their own.
///
/// A profile's scores are part of the commit that saves the profile: this says to which score tables, and is told when
/// they are there. The memory store is one. Nothing is contacted but by ``follow(_:)``.
public protocol ScoreBoards: Sendable {
    /// Reads a board from the store and keeps what is known of it up to date from now on; safe to repeat.
    ///
    /// - Throws: ``StoreError``: `notFound` when there is no such board, `badInput` when its rules do not go with
    ///   projected scores, and what the store throws.
    func follow(_ board: String) async throws(StoreError)

    /// Where a score goes that is committed about now; nil for a board that was deleted, or never followed.
    ///
    /// Several seasons where one ends at about this time: the store's clock takes the score in one of them only. None
    /// while the board takes no scores. At most ``ProjectionTarget/maximumCount``.
    func projectionTargets(of board: String) -> [ProjectionTarget]?

    /// Says that the store has scores in these tables that came with other commits.
    ///
    /// A hint: a table that nobody tells of is found, only later.
    func projected(to tables: Set<SpaceName>)

    /// Removes members from all seasons of all boards, and what notification boxes hold under their names; durable, and
    /// safe to repeat.
    ///
    /// - Parameter removing: Whether to remove it, or only to count.
    /// - Throws: ``StoreError``.
    func erase(_ names: [Key], removing: Bool) async throws(StoreError) -> ErasedScores
}

/// One season of a board, as a projected score gets there.
public struct ProjectionTarget: Sendable, Equatable {
    /// The most targets of one score: the season before, the current one and the next.
    public static let maximumCount = 3

    /// The season's score table.
    public var table: SpaceName
    /// How the score meets the stored one; its operators are `set` or `best`.
    public var rule: ScoreRule
    /// What must hold, the season's window with it.
    public var conditions: ScoreSubmission.Conditions
    /// Whether the season takes scores for certain; false close to its start or end, when it may refuse them.
    public var isCertain: Bool

    /// Joins the parts.
    public init(
        table: SpaceName, rule: ScoreRule, conditions: ScoreSubmission.Conditions, isCertain: Bool = true
    ) {
        self.table = table
        self.rule = rule
        self.conditions = conditions
        self.isCertain = isCertain
    }
}
