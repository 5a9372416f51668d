import HoldfastCoordination
import HoldfastRedis
import HoldfastStorage
import Logging
import TestServers
import Testing

/// What every test of the protocol runs on.
enum BackendKind: String, CaseIterable, Sendable {
    case redis, cluster, memory

    /// The cluster alone where the environment wants nothing else.
    static let allCases: [BackendKind] = PrivateRedis.Options().clusterMode ? [.cluster] : [.redis, .cluster, .memory]
}

/// Runs `body` against a backend whose keys nobody else uses.
func withBackend(
    _ kind: BackendKind, hotCopyLife: Duration = .seconds(600),
    _ body: @Sendable (any CoordinationBackend) async throws -> Void
) async throws {
    let redis: PrivateRedis
    switch kind {
    case .memory: return try await body(InMemoryCoordinationBackend(hotCopyLife: hotCopyLife))
    case .redis: redis = try await SharedRedis.standalone.server()
    case .cluster: redis = try await SharedRedis.cluster.server()
    }
    try await withRedisBackend(redis, hotCopyLife: hotCopyLife) { backend, _ in try await body(backend) }
}

/// Runs `body` against a running backend on `redis`, under a deployment of its own.
func withRedisBackend(
    _ redis: PrivateRedis, as login: AccessControl.Login? = nil, timeout: Duration = .seconds(10),
    hotCopyLife: Duration = .seconds(600),
    _ body: @Sendable (RedisCoordinationBackend, RedisClient) async throws -> Void
) async throws {
    // Also after a failure, whose reason it may be.
    defer { redis.expectNoRefusals() }
    try await withRedisBackend(redisClient(redis, as: login), timeout: timeout, hotCopyLife: hotCopyLife, body)
}

/// Runs `body` against a running backend over `client`, under a deployment of its own.
func withRedisBackend(
    _ client: RedisClient, timeout: Duration = .seconds(10), hotCopyLife: Duration = .seconds(600),
    _ body: @Sendable (RedisCoordinationBackend, RedisClient) async throws -> Void
) async throws {
    let backend = RedisCoordinationBackend(
        client: client, deployment: "test-\(RandomID.random())", timeout: timeout, hotCopyLife: hotCopyLife
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await backend.run() }
        try await body(backend, client)
        group.cancelAll()
    }
}

/// A client that logs nothing: faults are part of these tests.
func redisClient(_ redis: PrivateRedis, as login: AccessControl.Login? = nil) -> RedisClient {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    return RedisClient(configuration: redis.configuration(as: login), logger: logger)
}

extension PrivateRedis {
    /// Settings for a client of this server, as the least user where it has users.
    func configuration(as login: AccessControl.Login? = nil) -> RedisConfiguration {
        let address = RedisConfiguration.Address.unix(path: socketPath)
        var configuration = RedisConfiguration(
            topology: options.clusterMode ? .cluster(seeds: [address]) : .standalone(address))
        let login = login ?? clientLogin
        configuration.username = login?.user
        configuration.password = login?.password
        return configuration
    }
}

/// One server for all tests that disturb nobody else; it ends with the test process.
actor SharedRedis {
    static let standalone = SharedRedis(clusterMode: false)
    static let cluster = SharedRedis(clusterMode: true)

    private let clusterMode: Bool
    private var starting: Task<PrivateRedis, any Error>?

    private init(clusterMode: Bool) {
        self.clusterMode = clusterMode
    }

    func server() async throws -> PrivateRedis {
        if let starting { return try await starting.value }
        var options = PrivateRedis.Options()
        if clusterMode { options.clusterMode = true }
        let task = Task { [options] in try await PrivateRedis.start(options) }
        starting = task
        return try await task.value
    }
}
