public import HoldfastStorage

/// One line of a board.
public struct BoardRow: Sendable, Equatable {
    /// From 1, in the board's style.
    public var rank: Int
    /// The member.
    public var member: Key
    /// The score, and the subscore that ranks it among equal scores.
    public var score: Int64, subscore: Int64
    /// What else is known of the member; nil where it was not asked for.
    public var details: BoardDetails?

    /// Joins the values.
    public init(rank: Int, member: Key, score: Int64, subscore: Int64, details: BoardDetails? = nil) {
        self.rank = rank
        self.member = member
        self.score = score
        self.subscore = subscore
        self.details = details
    }
}

/// What a board knows of a member besides its score.
public struct BoardDetails: Sendable, Equatable {
    /// How often the member submitted, as far as it is counted (``BoardRules/countsSubmissions``).
    public var submissions: Int64
    /// What was submitted with a score.
    public var metadata: JSONValue?

    /// Joins the values.
    public init(submissions: Int64, metadata: JSONValue?) {
        self.submissions = submissions
        self.metadata = metadata
    }
}

/// Some lines of a board that follow each other.
public struct BoardPage: Sendable, Equatable {
    /// In the board's order.
    public var rows: [BoardRow]
    /// Reads what comes before these rows; nil at the top.
    public var previous: BoardCursor?
    /// Reads what comes after them; nil at the end.
    public var next: BoardCursor?
    /// How many members the whole board has.
    public var total: Int

    /// Joins the values.
    public init(rows: [BoardRow], previous: BoardCursor?, next: BoardCursor?, total: Int) {
        self.rows = rows
        self.previous = previous
        self.next = next
        self.total = total
    }
}

/// A member's place among chosen members only, friends for example.
public struct BoardSubsetRow: Sendable, Equatable {
    /// From 1 among the chosen members, in the board's style.
    public var subsetRank: Int
    /// The line of the whole board.
    public var row: BoardRow

    /// Joins the values.
    public init(subsetRank: Int, row: BoardRow) {
        self.subsetRank = subsetRank
        self.row = row
    }
}
