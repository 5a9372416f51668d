/// Knows which server a connection has to reach.
///
/// It is asked before every attempt, so that a topology that moves can answer differently each time.
protocol Topology: Sendable {
    /// Returns the address to try now; so many attempts in a row have failed before.
    func address(failures: Int) async throws(RedisError) -> RedisConfiguration.Address
}

/// One server at a fixed address.
struct StandaloneTopology: Topology {
    let fixed: RedisConfiguration.Address

    func address(failures: Int) async throws(RedisError) -> RedisConfiguration.Address { fixed }
}
