/// What the demo tells one of its server processes: one JSON object per line on the server's standard input.
///
/// `ticket` names one stay of one player, so that late answers are told from current ones.
enum ServerOrder: Codable, Sendable, Equatable {
    /// Open the player's profile and play.
    case open(player: String, ticket: Int)
    /// Leave a change unsaved, stop saving on your own, and say `ready`: the player is about to hop away.
    case prepare(player: String, ticket: Int)
    /// The hop did not happen: play on.
    case resume(player: String, ticket: Int)
    /// Save, close and report `left`.
    case leave(player: String, ticket: Int)
    /// Deliver a reward, wherever the player is.
    case deliver(player: String, id: String, coins: Int)
    /// Send an operation, or see to one that was sent.
    case errand(DemoErrand)
    /// Aim at this many saves a second for each player present.
    case pace(savesPerPlayer: Double)
}
