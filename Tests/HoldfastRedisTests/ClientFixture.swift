import Logging
import TestServers

@testable import HoldfastRedis

extension PrivateRedis {
    /// Settings for this server over its Unix socket, or for the cluster that it is.
    var configuration: RedisConfiguration {
        // A cluster's own address: subscriptions would leave any other one for it.
        if options.clusterMode, let port {
            return configuration(.cluster(seeds: [.tcp(host: "127.0.0.1", port: port)]))
        }
        return configuration(.standalone(.unix(path: socketPath)))
    }

    /// Settings for a client that gets here by another way, with the login that this server wants.
    func configuration(_ topology: RedisConfiguration.Topology) -> RedisConfiguration {
        var configuration = RedisConfiguration(topology: topology)
        // Tests that want a deadline name it; a machine that stands still for some seconds meets no other.
        configuration.commandTimeout = .seconds(30)
        configuration.username = clientLogin?.user
        configuration.password = clientLogin?.password ?? options.password
        return configuration
    }

    /// Starts a server outside any cluster, whatever the environment wants.
    static func startAlone(_ options: Options = Options()) async throws -> PrivateRedis {
        var options = options
        options.clusterMode = false
        return try await start(options)
    }
}

/// Runs a client while `body` runs.
func withClient<Value: Sendable>(
    _ configuration: RedisConfiguration, _ body: @Sendable (RedisClient) async throws -> Value
) async throws -> Value {
    let client = RedisClient(configuration: configuration, logger: .silent)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        try await eventually("the client runs") { client.isRunning }
        let value = try await body(client)
        group.cancelAll()
        try await group.waitForAll()
        return value
    }
}

extension Logger {
    /// Drops everything.
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension RedisClient {
    /// The error that a command ends with.
    func failure(
        of arguments: [RedisArgument], lane: RedisLane = .session, timeout: Duration? = nil
    ) async -> RedisError? {
        do throws(RedisError) {
            _ = try await command(arguments, lane: lane, timeout: timeout)
            return nil
        } catch {
            return error
        }
    }
}
