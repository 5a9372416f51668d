/// An operation that a server is to send, or what is to be done about one that was sent.
///
/// Told once and not followed up: what became of it is in the journals and in the store. Servers of an older build know
/// none and leave them.
enum DemoErrand: Codable, Sendable, Equatable {
    /// A reward that has to wait before it takes effect.
    case late(player: String, id: String, coins: Int, delayMillis: Int)
    /// A reward that is no good for long.
    case fleeting(player: String, id: String, coins: Int, lifeMillis: Int)
    /// Coins for each of several days, a step for each day.
    case wage(player: String, id: String, coins: Int, days: Int)
    /// Coins that fail to arrive however often it is tried.
    case mishap(player: String, id: String, coins: Int)
    /// Trades coins of a player of this server for some of another one, wherever that one is.
    case trade(player: String, partner: String, id: String, coins: Int, back: Int)
    /// Takes an operation back, wherever it was sent from.
    case cancel(player: String, id: String)
    /// Sends a dead letter again under another id.
    case requeue(player: String, id: String, newID: String)
}
