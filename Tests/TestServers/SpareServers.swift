import HoldfastPrivateServers

/// Servers that already run when a test asks for one.
///
/// Redis keeps a master in cluster mode from taking commands for its first two seconds, whatever it is told. Most tests
/// are shorter than that, so the next servers of the usual kind start while earlier ones are in use. Those that nobody
/// takes end with the process.
actor SpareServers {
    static let shared = SpareServers()

    /// As many short tests follow each other without waiting.
    private static let count = 12
    private var starting: [Task<PrivateRedis, any Error>] = []

    /// The server that was started first.
    func take() async throws -> PrivateRedis {
        while starting.count <= Self.count {
            starting.append(Task.detached { try await PrivateRedis.startFresh(PrivateRedis.Options()) })
        }
        return try await starting.removeFirst().value
    }
}
