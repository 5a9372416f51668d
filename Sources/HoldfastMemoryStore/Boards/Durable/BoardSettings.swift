import HoldfastStorage

/// What a board is created with; it cannot be changed later.
public struct BoardSettings: Sendable, Equatable {
    /// What it ranks by.
    public var rules: BoardRules
    /// When a new season starts.
    public var schedule: ResetSchedule
    /// When it takes scores, from whom and how often; nil for always, from everybody.
    public var tournament: Tournament?
    /// How many seasons that have ended are kept, 0 to 10,000; nil for all.
    public var keptSeasons: Int?

    /// Joins the parts; ``MemoryStore/createBoard(_:_:)`` checks them.
    public init(
        rules: BoardRules = BoardRules(), schedule: ResetSchedule = .never, tournament: Tournament? = nil,
        keptSeasons: Int? = nil
    ) {
        self.rules = rules
        self.schedule = schedule
        self.tournament = tournament
        self.keptSeasons = keptSeasons
    }

    /// Refuses what no board can be.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput`.
    func check() throws(MemoryStoreError) {
        try rules.check()
        try tournament?.check()
        if let keptSeasons, !(0...10_000).contains(keptSeasons) {
            throw MemoryStoreError(.badInput, "a board keeps 0 to 10,000 seasons, not \(keptSeasons)")
        }
    }

    /// The names of the parts in which another board differs.
    func differences(from other: BoardSettings) -> [String] {
        let parts: [(name: String, differs: Bool)] = [
            ("order", rules.order != other.rules.order),
            ("subscore order", rules.subscoreOrder != other.rules.subscoreOrder),
            ("operator", rules.scoreOperator != other.rules.scoreOperator),
            ("subscore operator", rules.subscoreOperator != other.rules.subscoreOperator),
            ("ties", rules.ties != other.rules.ties), ("ranks", rules.ranks != other.rules.ranks),
            ("shards", rules.shards != other.rules.shards),
            ("counting of submissions", rules.countsSubmissions != other.rules.countsSubmissions),
            ("reset", schedule != other.schedule), ("tournament", tournament != other.tournament),
            ("kept seasons", keptSeasons != other.keptSeasons),
        ]
        return parts.filter(\.differs).map(\.name)
    }
}
