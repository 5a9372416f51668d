/// Decides when this server may call another one dead, from its own beats alone.
///
/// An absent beat proves nothing while Redis itself was away: all beats vanish together when it is paused
/// past their time to live, restarted empty or failed over. So a verdict needs an unbroken streak of this
/// server's own acknowledged beats, one time to live long, all answered by the same run of Redis.
public struct LivenessJudge: Sendable {
    private let timeToLive: Duration
    private var streak: (start: ContinuousClock.Instant, last: ContinuousClock.Instant, run: String)?

    /// Makes a judge without any evidence.
    public init(timeToLive: Duration) {
        self.timeToLive = timeToLive
    }

    /// Takes note of an acknowledged beat.
    ///
    /// Returns whether the run of Redis changed since the last one.
    ///
    /// - Parameters:
    ///   - sent: The time before the request was sent.
    ///   - run: The run that answered.
    public mutating func acknowledged(sent: ContinuousClock.Instant, run: String) -> Bool {
        defer { if streak == nil { streak = (sent, sent, run) } }
        guard let known = streak else { return false }
        if known.run == run, sent - known.last <= timeToLive {
            streak?.last = sent
        } else {
            streak = (sent, sent, run)
        }
        return known.run != run
    }

    /// Until when this server's own beat certainly stands; nil before the first acknowledgement.
    public var beatDeadline: ContinuousClock.Instant? {
        streak.map { $0.last + timeToLive }
    }

    /// Whether an absent beat may be called a death now.
    public func mayJudge(now: ContinuousClock.Instant) -> Bool {
        guard let streak else { return false }
        return streak.last - streak.start >= timeToLive && now - streak.last <= timeToLive
    }
}
