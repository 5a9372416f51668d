/// One party that looks for a match.
public struct Ticket: Sendable, Equatable, Codable {
    /// Names the ticket in its pool, 1 to 128 characters; not to be used again for another one.
    public var id: String
    /// The players of the party, 1 to 100; they stay together.
    public var players: [String]
    /// What may differ within a tolerance: `["skill": 1_200]`.
    public var numbers: [String: Double]
    /// What must be equal where the rules say so: `["region": "eu"]`.
    public var texts: [String: String]

    /// Joins the parts; they are checked when the ticket is added.
    public init(id: String, players: [String], numbers: [String: Double] = [:], texts: [String: String] = [:]) {
        self.id = id
        self.players = players
        self.numbers = numbers
        self.texts = texts
    }
}
