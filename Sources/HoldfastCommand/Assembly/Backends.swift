import HoldfastCoordination
import HoldfastRedis
import HoldfastStorage
import Logging

/// Redis and the store, connected for the time of one verb.
struct Backends: Sendable {
    let redis: RedisClient
    let coordination: RedisCoordinationBackend
    let store: any DurableStore
    /// The share in the embedded Redis, where that is used.
    let embedded: EmbeddedRedis?
    private let invocation: Invocation

    /// Names both sides and starts the embedded Redis where it is used.
    ///
    /// Nothing is connected before a `run()`.
    static func open(_ invocation: Invocation) async throws -> Backends {
        let store = try Stores.open(invocation)
        do {
            return try await open(invocation, store: store)
        } catch {
            await store.close()
            throw error
        }
    }

    /// The same with a store that is open already and that the caller closes.
    static func open(_ invocation: Invocation, store: any DurableStore) async throws -> Backends {
        let settings = invocation.settings
        var embedded: EmbeddedRedis?
        if settings.redis == .embedded {
            let folder = try settings.requiredDataDirectory()
            if !invocation.createsStore { try EmbeddedRedis.requireUsed(folder) }
            embedded = try await EmbeddedRedis.acquire(
                dataDirectory: folder, timeout: settings.timeout * 4 / 5,
                logger: invocation.connectionLogger)
        }
        return Backends(
            settings.redisConfiguration(embedded: embedded), store: store, embedded: embedded, invocation)
    }

    private init(
        _ configuration: RedisConfiguration, store: any DurableStore, embedded: EmbeddedRedis?,
        _ invocation: Invocation
    ) {
        redis = RedisClient(configuration: configuration, logger: invocation.connectionLogger)
        coordination = RedisCoordinationBackend(
            client: redis, deployment: invocation.settings.deployment, mode: embedded.map { _ in "embedded" },
            timeout: configuration.commandTimeout, logger: invocation.connectionLogger)
        self.store = store
        self.embedded = embedded
        self.invocation = invocation
    }

    /// The same two sides with a Redis client that has not run yet: a client runs once only.
    var fresh: Backends {
        Backends(redis.configuration, store: store, embedded: embedded, invocation)
    }

    /// Connects both sides for the time of `body`, with both deployment ids compared.
    static func with<Result: Sendable>(
        _ invocation: Invocation,
        _ body: @escaping @Sendable (Backends, Deployment) async throws -> Result
    ) async throws -> Result {
        try await running(invocation) { backends in
            try await backends.waitUntilConnected()
            let deployment = try await Stores.deployment(of: backends.store, invocation)
            try await backends.compare(with: deployment)
            try await invocation.audit?.begin(in: backends.store)
            return try await body(backends, deployment)
        }
    }

    /// Connects both sides for the time of `body`, without looking at either.
    static func running<Result: Sendable>(
        _ invocation: Invocation, _ body: @escaping @Sendable (Backends) async throws -> Result
    ) async throws -> Result {
        let backends = try await open(invocation)
        do {
            let result = try await backends.running { try await body(backends) }
            await backends.store.close()
            return result
        } catch {
            await backends.store.close()
            throw error
        }
    }

    /// Runs the Redis client and the watch over the keeper while `body` runs.
    func running<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await coordination.run()
                return nil
            }
            if let embedded {
                group.addTask {
                    try await embedded.run()
                    return nil
                }
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let result = finished { return result }
            }
            throw CommandError(.internalError, "the verb ended without a result")
        }
    }

    /// Waits for Redis' first answer, but not for long: an operator who mistyped an address wants to know.
    ///
    /// - Throws: ``CommandError``: unavailable with the reason, denied.
    func waitUntilConnected() async throws {
        let limit = invocation.settings.timeout
        do {
            try await redis.waitUntilConnected(timeout: min(max(.seconds(2), limit / 5), limit / 2))
        } catch {
            guard error.code == .deadline else { throw CommandError(error) }
            let reason = (error.underlying as? RedisError)?.message ?? "no answer"
            throw CommandError(
                .unavailable,
                "Redis at \(invocation.settings.redis) cannot be reached: \(reason); check --redis and that it runs")
        }
    }

    /// Compares the deployment ids of store and Redis; a Redis that has none is given the store's.
    ///
    /// - Throws: ``CommandError`` with code `wrongDeployment`.
    func compare(with deployment: Deployment) async throws {
        let inPlace = try await coordination.installDeploymentID(deployment.id)
        guard inPlace == deployment.id else {
            throw CommandError(
                .wrongDeployment,
                "Redis and the store belong to different deployments named \(deployment.name); "
                    + "check --redis and --store")
        }
    }
}
