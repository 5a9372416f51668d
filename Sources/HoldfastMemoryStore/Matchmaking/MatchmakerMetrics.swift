import Metrics

/// Every metric of matchmaking.
struct MatchmakerMetrics: Sendable {
    /// Tickets that wait in the pool, recorded by the matchmaker that has the duty.
    static let waitingName = "holdfast_tickets_waiting"
    /// Tickets that were matched.
    static let matchedName = "holdfast_tickets_matched_total"
    /// Matches that were not made because a ticket was cancelled, expired or matched meanwhile.
    static let missedName = "holdfast_matches_missed_total"
    /// How long matched tickets had waited.
    static let waitSecondsName = "holdfast_ticket_wait_seconds"

    let waiting = Gauge(label: waitingName)
    let matched = Counter(label: matchedName)
    let missed = Counter(label: missedName)
    let waitSeconds = Metrics.Timer(label: waitSecondsName)
}
