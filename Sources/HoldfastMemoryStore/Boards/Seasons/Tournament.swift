/// What makes a board a tournament: when it takes scores, from whom, and how often.
public struct Tournament: Sendable, Equatable, Codable {
    /// The first instant that takes scores, in milliseconds since 1970, UTC.
    public var startsAtMillis: Int64
    /// The first instant that takes none any more; nil for no end.
    public var endsAtMillis: Int64?
    /// How long each season takes scores from its start on, in milliseconds; nil until its end.
    public var durationMillis: Int64?
    /// The most members of a season, 1 to 10,000,000; nil for no bound.
    public var capacity: Int?
    /// The most submissions of one member in a season, 1 to 1,000,000; nil for no bound.
    public var maximumSubmissions: Int?
    /// Whether a member must join before its first score.
    public var requiresJoin: Bool

    /// Joins the parts; ``MemoryStore/createBoard(_:_:)`` checks them.
    public init(
        startsAtMillis: Int64, endsAtMillis: Int64? = nil, durationMillis: Int64? = nil, capacity: Int? = nil,
        maximumSubmissions: Int? = nil, requiresJoin: Bool = false
    ) {
        self.startsAtMillis = startsAtMillis
        self.endsAtMillis = endsAtMillis
        self.durationMillis = durationMillis
        self.capacity = capacity
        self.maximumSubmissions = maximumSubmissions
        self.requiresJoin = requiresJoin
    }

    /// Refuses what no tournament can be.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput`.
    func check() throws(MemoryStoreError) {
        guard SeasonCalendar.instants.contains(startsAtMillis) else {
            throw MemoryStoreError(.badInput, "a tournament starts in 1970 to 9999")
        }
        if let endsAtMillis, !(endsAtMillis > startsAtMillis && SeasonCalendar.instants.contains(endsAtMillis)) {
            throw MemoryStoreError(.badInput, "a tournament ends after its start, before the year 10000")
        }
        if let durationMillis, !(1...SeasonCalendar.instants.upperBound).contains(durationMillis) {
            throw MemoryStoreError(.badInput, "a tournament's duration is positive")
        }
        if let capacity, !(1...10_000_000).contains(capacity) {
            throw MemoryStoreError(.badInput, "a tournament's capacity is 1 to 10,000,000, not \(capacity)")
        }
        if let maximumSubmissions, !(1...1_000_000).contains(maximumSubmissions) {
            throw MemoryStoreError(.badInput, "a member's submissions are 1 to 1,000,000, not \(maximumSubmissions)")
        }
    }
}
