/// Where a node of a cluster sends a command to.
///
/// The node has not executed it.
struct Redirection: Equatable {
    let slot: Int
    let address: RedisConfiguration.Address

    /// Reads `MOVED <slot> <host>:<port>` or `ASK …`; nil for any other error.
    ///
    /// The host may be missing, and contain colons.
    init?(_ error: RedisServerError, askedAt asked: RedisConfiguration.Address) {
        let words = error.text.split(separator: " ")
        guard words.count >= 3, let slot = Int(words[1]), (0..<HashSlot.count).contains(slot),
            let colon = words[2].lastIndex(of: ":"), let port = Int64(words[2][words[2].index(after: colon)...]),
            let address = RedisConfiguration.Address(host: String(words[2][..<colon]), port: port, askedAt: asked)
        else { return nil }
        self.slot = slot
        self.address = address
    }
}
