/// What a demo server counted since its boot, and what it measured since its last report.
struct ServerCounts: Codable, Sendable, Equatable {
    var edits = 0
    /// Acknowledged durable saves, of whatever cause.
    var saves = 0
    var trades = 0
    /// Rewards whose receipt is durable.
    var applied = 0
    /// Saves that the store refused as stale.
    var refused = 0
    /// Commits whose answer was lost.
    var ambiguous = 0
    var sessions = 0
    var doubtful = 0
    /// Explicit saves since the last report, in microseconds.
    var saveMicros: [Int] = []
    /// Rewards applied since the last report.
    var appliedIDs: [String] = []
}
