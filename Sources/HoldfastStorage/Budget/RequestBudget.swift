/// How many requests a second a server may send to its store.
///
/// Saves, loads, reads and deliveries count one each. They are served in turn by key, so that one hot key keeps no
/// other waiting. What keeps data safe never waits, and only takes what it needs from the others: last saves of
/// sessions that end, saves of doubtful sessions, emergencies, commits whose answer was lost, and leases that are taken
/// anew.
public struct RequestBudget: Sendable, Equatable {
    /// Requests a second in the long run, above 0.
    public var perSecond: Double
    /// Requests that may go at once after a quiet time, at least 1.
    public var burst: Int

    /// Joins the two; by default a burst of one second's requests.
    public init(perSecond: Double, burst: Int? = nil) {
        self.perSecond = perSecond
        self.burst = burst ?? (perSecond >= 1 ? Int(min(perSecond, 1_000_000)) : 1)
    }

    /// Whether the numbers are within their limits.
    package var isValid: Bool { perSecond > 0 && perSecond <= 1_000_000_000 && (1...1_000_000_000).contains(burst) }
}
