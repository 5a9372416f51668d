import HoldfastMemoryStore
import HoldfastRedis
import HoldfastStorage
import Logging
import TestServers
import Testing

/// The Redis servers that the tests of this target share: one standalone, one in cluster mode.
enum RedisKind: String, CaseIterable, Sendable {
    case standalone, cluster

    /// The cluster alone where the environment wants nothing else.
    static let allCases: [RedisKind] = PrivateRedis.Options().clusterMode ? [.cluster] : [.standalone, .cluster]

    /// The seed of the first random history; each kind has histories of its own.
    var firstSeed: UInt64 { self == .standalone ? 1 : 500_001 }

    func server() async throws -> PrivateRedis {
        switch self {
        case .standalone: try await SharedRedis.standalone.server()
        case .cluster: try await SharedRedis.cluster.server()
        }
    }
}

private actor SharedRedis {
    static let standalone = SharedRedis(clusterMode: false)
    static let cluster = SharedRedis(clusterMode: true)
    private let clusterMode: Bool
    private var starting: Task<PrivateRedis, any Error>?

    init(clusterMode: Bool) {
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

/// Runs a memory store of a deployment of its own while `body` runs.
@discardableResult
func withMemoryStore<Result: Sendable>(
    _ kind: RedisKind = .standalone, deployment: String = RandomID.random().description,
    store: (any DurableStore)? = nil,
    _ body: @escaping @Sendable (MemoryStore, PrivateRedis) async throws -> Result
) async throws -> Result {
    let server = try await kind.server()
    return try await withMemoryStore(on: server, deployment: deployment, store: store) { memory in
        try await body(memory, server)
    }
}

/// The same on a server that the test started.
@discardableResult
func withMemoryStore<Result: Sendable>(
    on server: PrivateRedis, deployment: String, store: (any DurableStore)? = nil,
    _ body: @escaping @Sendable (MemoryStore) async throws -> Result
) async throws -> Result {
    // Also after a failure, whose reason it may be.
    defer { server.expectNoRefusals() }
    var configuration = server.configuration()
    configuration.commandTimeout = .seconds(30)
    return try await withMemoryStore(
        configuration, deployment: deployment, store: store, timeout: .seconds(30), body)
}

/// The same with a client of any configuration.
@discardableResult
func withMemoryStore<Result: Sendable>(
    _ configuration: RedisConfiguration, deployment: String, store: (any DurableStore)? = nil,
    timeout: Duration = .seconds(5),
    _ body: @escaping @Sendable (MemoryStore) async throws -> Result
) async throws -> Result {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let client = RedisClient(configuration: configuration, logger: logger)
    let memory = MemoryStore(redis: client, deployment: deployment, store: store, timeout: timeout, logger: logger)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            try await client.run()
            return nil
        }
        group.addTask {
            try await memory.run()
            return nil
        }
        group.addTask { try await body(memory) }
        defer { group.cancelAll() }
        while let finished = try await group.next() {
            if let result = finished { return result }
        }
        throw TestServerError("the memory store ended before the test")
    }
}

/// Runs a client that may do anything, while `body` runs.
func withAdministrator(
    of server: PrivateRedis, _ body: @escaping @Sendable (RedisClient) async throws -> Void
) async throws {
    let login = server.clientLogin == nil ? nil : AccessControl.administrator
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let client = RedisClient(configuration: server.configuration(as: login), logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        try await body(client)
        group.cancelAll()
        try await group.waitForAll()
    }
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

/// The code of the error that `body` throws; nil when it throws none, or another kind.
func code(_ body: () async throws -> Void) async -> MemoryStoreError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? MemoryStoreError)?.code
    }
}

/// Expects two values to be equal: `#expect` does not take calls that throw typed errors.
func expect<Value: Equatable>(
    _ found: Value, is wanted: Value, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found == wanted, sourceLocation: sourceLocation)
}
