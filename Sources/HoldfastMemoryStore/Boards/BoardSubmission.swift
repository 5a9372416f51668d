public import HoldfastStorage

/// One score on its way to a board.
public struct BoardSubmission: Sendable, Equatable {
    /// The most submissions of one call.
    public static let maximumCount = 1_000

    /// Whose score it is.
    public var member: Key
    /// What meets the stored score.
    public var score: Int64
    /// What meets the stored subscore, which ranks equal scores.
    public var subscore: Int64
    /// What the score does; nil takes the board's operator.
    public var scoreOperator: ScoreOperator?
    /// Replaces the member's metadata, at most 4 KiB of JSON; nil keeps what is there.
    public var metadata: JSONValue?

    /// Joins the parts.
    public init(
        member: Key, score: Int64, subscore: Int64 = 0, scoreOperator: ScoreOperator? = nil, metadata: JSONValue? = nil
    ) {
        self.member = member
        self.score = score
        self.subscore = subscore
        self.scoreOperator = scoreOperator
        self.metadata = metadata
    }

    /// Metadata as it is stored.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput` when it is too large or has no JSON form.
    static func bytes(of metadata: JSONValue) throws(MemoryStoreError) -> [UInt8] {
        try ValueCoding.encode(metadata, maximum: ScoreSubmission.maximumMetadataBytes)
    }
}

/// What became of one ``BoardSubmission``.
public enum BoardOutcome: Sendable, Equatable {
    /// The member's score as it is now; `changed` says whether score or subscore are others than before.
    case accepted(BoardScore, changed: Bool)
    /// Nothing was written, and why.
    case refused(ScoreOutcome.Refusal)
}

/// A member's score after a submission.
public struct BoardScore: Sendable, Equatable {
    /// The score, and the subscore that ranks it among equal scores.
    public var score: Int64, subscore: Int64
    /// From 1; nil where it was not asked for.
    public var rank: Int?
    /// How often the member submitted; nil where it is not counted.
    public var submissions: Int64?

    /// Joins the values.
    public init(score: Int64, subscore: Int64, rank: Int? = nil, submissions: Int64? = nil) {
        self.score = score
        self.subscore = subscore
        self.rank = rank
        self.submissions = submissions
    }
}
