public import HoldfastStorage

/// Tickets that play together.
public struct TicketMatch: Sendable, Equatable, Codable {
    /// Fresh for every match.
    public let id: String
    /// The tickets, the one that waited longest first.
    public let tickets: [Ticket]
    /// What the matchmaker's server added: where to play, for example.
    public internal(set) var details: JSONValue?

    /// All players of all parties.
    public var players: [String] { tickets.flatMap(\.players) }
}
