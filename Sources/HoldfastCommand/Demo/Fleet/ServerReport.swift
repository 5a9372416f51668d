/// What a demo server tells the demo: one JSON object per line on its standard output.
enum ServerReport: Codable, Sendable, Equatable {
    /// How an open came to its session.
    enum Way: String, Codable, Sendable {
        case free, handOver, takeOver
    }

    /// The server beats and takes orders.
    case up(boot: String)
    /// The player is active here, `openMillis` after the open began.
    case joined(player: String, ticket: Int, way: Way, openMillis: Double)
    /// The player could not be opened; nothing is held.
    case openFailed(player: String, ticket: Int, why: String)
    /// The player is active with a change that is not saved.
    case ready(player: String, ticket: Int)
    /// The player's last save is durable and the lease is free.
    case left(player: String, ticket: Int)
    /// The session is over without an order of ours: handed over, lost, drained.
    case ended(player: String, ticket: Int, why: String)
    /// The reward is durable; `fresh` is false when an earlier attempt had reached the store already.
    case delivered(player: String, id: String, fresh: Bool)
    case deliverFailed(player: String, id: String, why: String)
    case counts(ServerCounts)
    /// Counts of boards and announcements.
    case shared(SharedCounts)
    /// The last words: nil after everything was saved and released.
    case drained(problem: String?)
}
