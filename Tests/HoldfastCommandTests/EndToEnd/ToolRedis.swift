import HoldfastRedis
import TestServers

/// A Redis of the test's own for the executable, in whichever mode the environment wants.
///
/// The executable logs in as the operator, since some verbs list keys.
struct ToolRedis: Sendable {
    let server: PrivateRedis

    static func start() async throws -> ToolRedis {
        var options = PrivateRedis.Options()
        // A Unix socket's address names no user; in cluster mode there is a port anyway.
        options.tcp = options.accessControl && !options.clusterMode
        return ToolRedis(server: try await PrivateRedis.start(options))
    }

    /// For HOLDFAST_REDIS and `--redis`.
    var address: String {
        guard let port = server.port else { return "redis+unix://\(server.socketPath)" }
        let user = server.operatorLogin.map { "\($0.user)@" } ?? ""
        return "redis\(server.options.clusterMode ? "-cluster" : "")://\(user)127.0.0.1:\(port)"
    }

    /// What goes with the address.
    var environment: [String: String] {
        server.operatorLogin.map { ["HOLDFAST_REDIS_PASSWORD": $0.password] } ?? [:]
    }

    /// Settings for a game server, which is the least user.
    var configuration: RedisConfiguration {
        let address = RedisConfiguration.Address.unix(path: server.socketPath)
        var configuration = RedisConfiguration(
            topology: server.options.clusterMode ? .cluster(seeds: [address]) : .standalone(address))
        configuration.username = server.clientLogin?.user
        configuration.password = server.clientLogin?.password
        return configuration
    }
}
