/// What has become of a ticket.
public enum TicketState: Sendable, Equatable {
    /// It waits for a match.
    case waiting
    /// It was matched, up to five minutes ago.
    case matched(TicketMatch)
    /// It was cancelled, up to five minutes ago, and will never be matched.
    case cancelled
    /// It was never added, it expired, it ended more than five minutes ago, or Redis lost it: add a new one.
    case absent
}
