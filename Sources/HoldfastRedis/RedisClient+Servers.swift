extension RedisClient {
    /// The server at the far end of a lane; nil while it is disconnected.
    ///
    /// On a cluster that is the node that commands without keys go to.
    public func server(lane: RedisLane = .session) -> RedisServer? {
        switch far {
        case .server(let lanes, _): lanes[lane].server
        case .cluster(let router): router.server(lane)
        }
    }

    /// The servers that hold the keys: each master of a cluster, in any other topology the one server.
    ///
    /// Slots may move between nodes at any time, so a walk over all nodes may meet a key twice or miss it.
    ///
    /// - Throws: ``RedisError`` as ``command(_:lane:timeout:)`` does, where the cluster is not known in time.
    public nonisolated(nonsending) func masters(
        timeout: Duration? = nil
    ) async throws(RedisError) -> [RedisNode] {
        guard case .cluster(let router) = far else { return [RedisNode(address: nil)] }
        _ = try await command(["PING"], timeout: timeout)
        return router.masters.sorted { $0.description < $1.description }.map { RedisNode(address: $0) }
    }

    /// The server that holds a key; nil while the cluster is not known.
    public func node(for key: [UInt8]) -> RedisNode? {
        switch far {
        case .server: RedisNode(address: nil)
        case .cluster(let router): router.owner(of: HashSlot.of(key)).map { RedisNode(address: $0) }
        }
    }
}
