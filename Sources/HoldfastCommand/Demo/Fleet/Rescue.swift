/// The players of one dead or frozen server on their way back.
struct Rescue: Sendable, Equatable {
    let server: String
    /// Whether the server was killed, in contrast to frozen.
    let isCrash: Bool
    let began: Duration
    /// How many players were active there.
    let players: Int
    /// Players that are not active again.
    var missing: Set<Int>
    var slowest: Duration = .zero
}
