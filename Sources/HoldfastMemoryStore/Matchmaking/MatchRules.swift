/// Who may play together.
///
/// Two tickets accept each other when every number of ``tolerances`` differs by no more than either of them tolerates
/// by now, and every text of ``equalTexts`` is the same. In a match all tickets accept each other. A ticket without one
/// of these numbers or texts accepts only others without it.
public struct MatchRules: Sendable, Equatable {
    /// How far numbers may be apart, and how that widens while a ticket waits.
    public struct Tolerance: Sendable, Equatable {
        /// The tolerance of a ticket that has just arrived.
        public var initial: Double
        /// What is added for each second that it waits.
        public var growthPerSecond: Double
        /// Where it ends.
        public var maximum: Double

        /// Begins at `initial` and widens up to `maximum`.
        public init(_ initial: Double, growingBy growthPerSecond: Double = 0, upTo maximum: Double = .infinity) {
            self.initial = initial
            self.growthPerSecond = growthPerSecond
            self.maximum = maximum
        }

        /// The tolerance after a time.
        public func width(after waited: Duration) -> Double {
            min(initial + growthPerSecond * max(waited / .seconds(1), 0), max(maximum, initial))
        }
    }

    /// How many players a match has: it is made as soon as it has the fewest, and takes as many as fit.
    public var players: ClosedRange<Int>
    /// By the name of a number.
    public var tolerances: [String: Tolerance]
    /// Names of texts that must be the same.
    public var equalTexts: Set<String>

    /// Joins the rules; `4...4` makes matches of exactly four players.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput` for fewer than 1 or more than 100 players, or a tolerance
    ///   that is negative or no number.
    public init(
        players: ClosedRange<Int>, tolerances: [String: Tolerance] = [:], equalTexts: Set<String> = []
    ) throws(MemoryStoreError) {
        guard players.lowerBound >= 1, players.upperBound <= TicketLimits.players else {
            throw MemoryStoreError(.badInput, "a match has 1 to \(TicketLimits.players) players")
        }
        let isSound = tolerances.values.allSatisfy { $0.initial >= 0 && $0.growthPerSecond >= 0 && $0.maximum >= 0 }
        guard isSound else { throw MemoryStoreError(.badInput, "a tolerance is 0 or more, and so is its growth") }
        self.players = players
        self.tolerances = tolerances
        self.equalTexts = equalTexts
    }
}
