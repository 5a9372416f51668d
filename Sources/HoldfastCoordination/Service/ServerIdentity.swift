public import HoldfastStorage

/// One run of one server process.
public struct ServerIdentity: Hashable, Sendable {
    /// The name that operators see: 1 to 64 of the characters `A–Z a–z 0–9 _ . -`, unique in the fleet.
    public let id: String
    /// Fresh for every start, so that a restarted server is never taken for its predecessor.
    public let boot: RandomID

    /// Names a run of `id`.
    ///
    /// - Throws: ``CoordinationError`` with code `badInput` for an id outside its limits.
    public init(id: String, boot: RandomID = .random()) throws(CoordinationError) {
        do {
            self.id = try CollectionName(id).description
        } catch {
            throw CoordinationError(.badInput, "server id: \(error.message)")
        }
        self.boot = boot
    }

    /// The owner that a session with `nonce` seals as.
    public func owner(nonce: RandomID) -> Owner {
        Owner(nonce: nonce, server: id, boot: boot)
    }
}
