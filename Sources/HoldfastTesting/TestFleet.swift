public import HoldfastProfiles
public import HoldfastStorage
public import Logging

/// A whole deployment in memory for a game's own tests, with outages, failures and delays at hand.
///
/// Servers of this process share its store and its coordination side. Nothing has to be installed.
///
///     let fleet = try await TestFleet()
///     try await fleet.withServer { server in
///         let players = try server.coordinator.collection("players", of: Player.self, options: options)
///         fleet.store.goDown()
///         await #expect(throws: ProfileError.self) { try await players.open(Key(42), timeout: .seconds(1)) }
///         fleet.store.comeBack()
///     }
///
/// Everything above the two sides is the real thing: leases, fences, saves, hand-overs. So timing is real, too: see
/// ``TestClock`` for what a test can move.
public final class TestFleet: Sendable {
    /// The durable side of all servers.
    public let store: TestStore
    /// The shared side of all servers, in the place of Redis.
    public let coordination: TestCoordination
    /// The time of day that both sides go by.
    public let clock: TestClock
    /// Lease, renewal and beat of the deployment.
    public let timings: DeploymentTimings

    /// Makes an empty deployment.
    ///
    /// - Parameters:
    ///   - deployment: Its name.
    ///   - timings: Shorter than in production, so that a crashed server is missed within a second.
    /// - Throws: ``StoreError`` with code `badInput` for timings outside their limits.
    public init(
        deployment: String = "test",
        timings: DeploymentTimings = DeploymentTimings(leaseMillis: 3_000, renewMillis: 500, beatMillis: 100)
    ) async throws(StoreError) {
        clock = TestClock()
        self.timings = timings
        store = TestStore(InMemoryStore(deployment: deployment, now: clock.now))
        coordination = TestCoordination(now: clock.now)
        _ = try await store.contents.migrate(timings)
    }

    /// The configuration of a server that is started by its name alone, to change what a test is about.
    ///
    /// Its times for opening, saving and draining are 5 s, and it saves after 1 s.
    public func configuration(_ id: String = "server-1") -> CoordinatorConfiguration {
        var configuration = CoordinatorConfiguration(serverID: id)
        configuration.timings = timings
        configuration.autosave = .seconds(1)
        configuration.openTimeout = .seconds(5)
        configuration.saveTimeout = .seconds(5)
        configuration.drainTimeout = .seconds(5)
        return configuration
    }

    /// Runs a server for the length of `body`, and drains it then: what is open is saved and released.
    ///
    /// Where the body throws, the server crashes instead, and the error is thrown on.
    ///
    /// - Throws: ``ProfileError``: `badInput`, `notReady` while a side is down, `drainIncomplete`; whatever the body
    ///   throws.
    @discardableResult
    public func withServer<Result>(
        _ configuration: CoordinatorConfiguration? = nil, logger: Logger? = nil,
        isolation: isolated (any Actor)? = #isolation, _ body: (TestServer) async throws -> sending Result
    ) async throws -> sending Result {
        let server = try await start(configuration, logger: logger)
        let result: Result
        do {
            result = try await body(server)
        } catch {
            await server.crash()
            throw error
        }
        try await server.drain()
        return result
    }

    /// Starts a server that runs until ``TestServer/drain()`` or ``TestServer/crash()``; end it by one of them.
    ///
    /// - Throws: ``ProfileError`` as ``withServer(_:logger:isolation:_:)``.
    public func start(
        _ configuration: CoordinatorConfiguration? = nil, logger: Logger? = nil
    ) async throws -> TestServer {
        let link = coordination.link()
        let coordinator = try Coordinator(
            configuration: configuration ?? self.configuration(), backend: link, store: store.durable,
            logger: logger ?? Self.quiet)
        let task = Task { try await coordinator.run() }
        let server = TestServer(coordinator: coordinator, link: link, task: task)
        do {
            try await coordinator.waitUntilReady()
        } catch {
            await server.crash()
            throw error
        }
        return server
    }

    /// The failures that a test asks for are no news.
    private static var quiet: Logger {
        var logger = Logger(label: "holdfast.test")
        logger.logLevel = .critical
        return logger
    }
}
