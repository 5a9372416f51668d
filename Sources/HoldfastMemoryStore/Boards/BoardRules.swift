public import HoldfastStorage

/// What a board ranks by; the same in every process that uses it, and fixed once it has scores.
public struct BoardRules: Sendable, Hashable {
    /// Who comes first among members with the same score and subscore.
    public enum Ties: String, Sendable, Codable, CaseIterable {
        /// Compares the members byte by byte: the larger id comes first on descending boards, the smaller one on
        /// ascending boards, so that the whole order is reversed.
        case id
        /// Who got there first: by the store's order of changes, and for fast scores by the clock of Redis, that of
        /// each shard where there are several.
        case first
    }

    /// Which numbers members with the same score and subscore get; theirs is 2nd and 3rd place, say.
    public enum Ranks: String, Sendable, Codable, CaseIterable {
        /// 1, 2, 3, 4: in the order of the ties.
        case unique
        /// 1, 2, 2, 3.
        case dense
        /// 1, 2, 2, 4.
        case competition
    }

    /// The most shards.
    public static let maximumShards = 64

    /// Which way a score is better.
    public var order: ScoreOrder
    /// Which way a subscore is better among equal scores.
    public var subscoreOrder: ScoreOrder
    /// What a submitted score does to the stored one, unless the submission says otherwise.
    public var scoreOperator: ScoreOperator
    /// What a submitted subscore does; nil lets it go with its score.
    public var subscoreOperator: ScoreOperator?
    /// Who comes first among equals.
    public var ties: Ties
    /// Which numbers equals get.
    public var ranks: Ranks
    /// In how many parts the board lies, 1 to ``maximumShards``.
    ///
    /// Parts are spread over a cluster. Ranks and pages stay exact, but ask all parts; dense ranks of a board in
    /// parts read every distinct score above.
    public var shards: Int
    /// Whether Redis counts fast submissions, at the cost of some memory and time.
    ///
    /// Durable submissions are always counted, by the store.
    public var countsSubmissions: Bool

    /// Joins the parts.
    ///
    /// - Parameter subscoreOrder: By default the same as `order`.
    public init(
        order: ScoreOrder = .descending, subscoreOrder: ScoreOrder? = nil, scoreOperator: ScoreOperator = .best,
        subscoreOperator: ScoreOperator? = nil, ties: Ties = .id, ranks: Ranks = .unique, shards: Int = 1,
        countsSubmissions: Bool = false
    ) {
        self.order = order
        self.subscoreOrder = subscoreOrder ?? order
        self.scoreOperator = scoreOperator
        self.subscoreOperator = subscoreOperator
        self.ties = ties
        self.ranks = ranks
        self.shards = shards
        self.countsSubmissions = countsSubmissions
    }

    /// How a submission meets what is stored.
    ///
    /// - Parameter scoreOperator: The submission's own; nil takes the board's.
    public func scoreRule(_ scoreOperator: ScoreOperator? = nil) -> ScoreRule {
        ScoreRule(
            order: order, subscoreOrder: subscoreOrder, scoreOperator: scoreOperator ?? self.scoreOperator,
            subscoreOperator: subscoreOperator)
    }

    /// Whether the number of shards is one of the possible ones.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput`.
    func check() throws(MemoryStoreError) {
        guard (1...Self.maximumShards).contains(shards) else {
            throw MemoryStoreError(.badInput, "a board has 1 to \(Self.maximumShards) shards, not \(shards)")
        }
    }
}

extension BoardRules: Codable {
    private enum CodingKeys: String, CodingKey {
        case order, subscoreOrder, scoreOperator, subscoreOperator, ties, ranks, shards, countsSubmissions
    }

    /// Reads rules; what is missing has its default.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            order: try fields.decodeIfPresent(ScoreOrder.self, forKey: .order) ?? .descending,
            subscoreOrder: try fields.decodeIfPresent(ScoreOrder.self, forKey: .subscoreOrder),
            scoreOperator: try fields.decodeIfPresent(ScoreOperator.self, forKey: .scoreOperator) ?? .best,
            subscoreOperator: try fields.decodeIfPresent(ScoreOperator.self, forKey: .subscoreOperator),
            ties: try fields.decodeIfPresent(Ties.self, forKey: .ties) ?? .id,
            ranks: try fields.decodeIfPresent(Ranks.self, forKey: .ranks) ?? .unique,
            shards: try fields.decodeIfPresent(Int.self, forKey: .shards) ?? 1,
            countsSubmissions: try fields.decodeIfPresent(Bool.self, forKey: .countsSubmissions) ?? false)
    }
}
