import Foundation
import HoldfastCoordination
import HoldfastProfiles
import HoldfastRedis
import HoldfastStorage
import Logging
import TestServers

/// One small history that touches every kind of row and key that a build writes.
///
/// Run on the first build that landed it made the files under `Fixtures/layout-1`; later builds must open those.
enum FrozenLayout {
    static let timings = DeploymentTimings(leaseMillis: 30_000, renewMillis: 10_000, beatMillis: 50)

    /// The fixture's folder inside the test bundle.
    static func fixture(_ name: String, layout: Int = 1) throws -> URL {
        guard let url = Bundle.module.url(forResource: "Fixtures", withExtension: nil) else {
            throw TestServerError("the test bundle has no Fixtures")
        }
        return url.appending(path: "layout-\(layout)").appending(path: name)
    }

    /// Saves, deletes, delivers, and ends as a crash that leaves a lease behind.
    static func write(redis: PrivateRedis, store: any DurableStore, deployment: String) async throws {
        _ = try await store.migrate(timings)
        let server = try await server("a", redis: redis, store: store, deployment: deployment)
        let players = server.players
        try await players.withSession(for: Key(1)) { try $0.edit { $0 = Player(coins: 100, inventory: ["Sword"]) } }
        try await players.withSession(for: try Key("é {:*}")) { try $0.edit { $0.coins = 7 } }
        _ = try await players.deliver(GrantCoins(coins: 250), to: Key(1), id: "applied")
        try await players.withSession(for: Key(1)) { _ = $0.document }
        _ = try await players.deliver(GrantCoins(coins: 40), to: Key(3), id: "pending")
        let deleted = try await players.open(Key(4))
        try deleted.edit { $0.coins = 4 }
        try await deleted.save()
        try await deleted.delete()
        let left = try await players.open(Key(5))
        try left.edit { $0.coins = 5 }
        try left.setUserIDs(["5"])
        try await left.save()
        await server.crash()
    }

    /// A server over a real Redis.
    static func server(
        _ id: String, redis: PrivateRedis, store: any DurableStore, deployment: String
    ) async throws -> Server {
        var configuration = CoordinatorConfiguration(serverID: id)
        configuration.timings = timings
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let address = RedisConfiguration.Address.unix(path: redis.socketPath)
        var connection = RedisConfiguration(
            topology: redis.options.clusterMode ? .cluster(seeds: [address]) : .standalone(address))
        connection.username = redis.clientLogin?.user
        connection.password = redis.clientLogin?.password
        let client = RedisClient(configuration: connection, logger: logger)
        let coordinator = try Coordinator(
            configuration: configuration,
            backend: RedisCoordinationBackend(client: client, deployment: deployment, logger: logger), store: store,
            logger: logger
        )
        var options = CollectionOptions<Player> { _ in Player() }
        try options.handle(GrantCoins.self)
        let players = try coordinator.collection("players", of: Player.self, options: options)
        let task = Task { try await coordinator.run() }
        try await coordinator.waitUntilReady()
        return Server(coordinator: coordinator, players: players, task: task)
    }

    /// Keys of Redis with what is drawn at random left out.
    static func keys(of redis: PrivateRedis) throws -> Set<String> {
        Set(try redis.command("KEYS", "*").split(separator: "\n").map(String.init))
    }
}
