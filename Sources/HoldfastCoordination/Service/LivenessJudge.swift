/// Decides when this server may call another one dead, from its own beats alone.
///
/// An absent beat proves nothing while Redis itself was away: all beats vanish together when it is paused
/// past their time to live, restarted empty or failed over. So a verdict needs an unbroken streak of this
/// server's own acknowledged beats, one time to live long, all answered by the same run of Redis. Another
/// server's beat may be up to one interval older than the newest of one's own, so a pause ends the streak
/// that much before the time to live.
public struct LivenessJudge: Sendable {
    private let timeToLive: Duration
    private let patience: Duration
    private var streak: (start: ContinuousClock.Instant, last: ContinuousClock.Instant, run: String)?

    /// Makes a judge without any evidence.
    ///
    /// - Parameters:
    ///   - timeToLive: How long a beat stands; at least three intervals, or no streak ever grows.
    ///   - interval: How often every server beats.
    public init(timeToLive: Duration, interval: Duration) {
        self.timeToLive = timeToLive
        self.patience = timeToLive - interval
    }

    /// Takes note of an acknowledged beat; returns whether the run of Redis changed since the last one.
    ///
    /// - Parameters:
    ///   - sent: The time before the request was sent.
    ///   - received: The time of the answer.
    ///   - run: The run that answered.
    ///   - forgot: Whether the answer shows that Redis had lost an earlier beat.
    public mutating func acknowledged(
        sent: ContinuousClock.Instant, received: ContinuousClock.Instant, run: String, forgot: Bool
    ) -> Bool {
        guard let known = streak else {
            streak = (sent, sent, run)
            return false
        }
        if known.run == run, !forgot, received - known.last <= patience {
            streak?.last = max(known.last, sent)
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
        return streak.last - streak.start >= timeToLive && now - streak.last <= patience
    }
}
