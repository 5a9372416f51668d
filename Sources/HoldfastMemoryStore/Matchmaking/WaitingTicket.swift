/// A ticket that waits.
public struct WaitingTicket: Sendable, Equatable {
    /// What was added.
    public let ticket: Ticket
    /// How long it has waited, by Redis' clock.
    public let waited: Duration
    /// How long until it expires.
    public let remaining: Duration
    /// Names the request that added it.
    let nonce: [UInt8]
}
