import HoldfastCoordination
import HoldfastPostgres
import HoldfastProfiles
import HoldfastRedis
import HoldfastSQLite
import HoldfastStorage
import Logging
import TestServers
import Testing

/// Trades over real Redis and real stores, each server with a connection of its own to both.
@Suite("Trades on real servers", .timeLimit(.minutes(5)))
struct TradeBackendTests {
    enum Kind: String, CaseIterable, Sendable { case sqlite, postgres }

    private static let timings = DeploymentTimings(leaseMillis: 30_000, renewMillis: 1_000, beatMillis: 200)
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("a trade across servers is made whole or gives back, once", arguments: Kind.allCases)
    func trade(kind: Kind) async throws {
        let redis = try await PrivateRedis.start()
        let folder = try TemporaryFolder()
        let deployment = "test-\(RandomID.random())"
        var stores: [any DurableStore] = []
        for _ in 0..<2 {
            switch kind {
            case .sqlite:
                stores.append(
                    try SQLiteStore(
                        path: folder.file("store.sqlite"), deployment: deployment, busyTimeout: .seconds(60)))
            case .postgres:
                let url = try await SharedPostgres.server().url()
                stores.append(try PostgresStore(url: url, deployment: deployment, logger: Self.quiet))
            }
        }
        _ = try await stores[0].migrate(Self.timings)
        let a = try await market("a", redis, stores[0], deployment)
        let b = try await market("b", redis, stores[1], deployment)
        try await a.seat(1, coins: 0, "sword")
        try await a.seat(2, coins: 100)
        let (seller, buyer) = (try await a.players.open(Key(1)), try await b.players.open(Key(2)))
        #expect(try await a.sell("sword", for: 30, from: 1, to: 2, id: "t1") == .committed)
        #expect(await eventually { buyer.document.coins == 70 && buyer.document.inventory == ["sword"] })
        #expect(await eventually { seller.document.coins == 30 && seller.document.inventory.isEmpty })
        let refused = try await b.sell("sword", for: 31, from: 2, to: 1, id: "t2")
        guard case .aborted(let abort) = refused else {
            Issue.record("\(refused)")
            return
        }
        #expect(abort.cause == .refused && abort.record == seller.id)
        #expect(await eventually { buyer.document.inventory == ["sword"] })
        #expect(try await a.sell("sword", for: 30, from: 1, to: 2, id: "t1") == .committed)
        #expect(try await b.coordinator.tradeVerdict("t2") == .aborted)
        try await b.server.drain()
        try await a.server.drain()
        let coins = [try await stores[0].read(seller.id), try await stores[0].read(buyer.id)].map { $0?.version ?? 0 }
        #expect(coins.allSatisfy { $0 > 1 })
        for store in stores { await store.close() }
        withExtendedLifetime((redis, folder)) {}
    }

    private func market(
        _ id: String, _ redis: PrivateRedis, _ store: any DurableStore, _ deployment: String
    ) async throws -> Market {
        let address = RedisConfiguration.Address.unix(path: redis.socketPath)
        var connection = RedisConfiguration(
            topology: redis.options.clusterMode ? .cluster(seeds: [address]) : .standalone(address))
        connection.username = redis.clientLogin?.user
        connection.password = redis.clientLogin?.password
        let backend = RedisCoordinationBackend(
            client: RedisClient(configuration: connection, logger: Self.quiet), deployment: deployment,
            logger: Self.quiet)
        var configuration = CoordinatorConfiguration(serverID: id)
        configuration.timings = Self.timings
        configuration.beatsToLive = 100
        configuration.openTimeout = .seconds(60)
        configuration.saveTimeout = .seconds(60)
        let coordinator = try Coordinator(
            configuration: configuration, backend: backend, store: store, logger: Self.quiet)
        let players = try coordinator.collection(
            "unused", of: Player.self, options: CollectionOptions { _ in Player() })
        let task = Task { try await coordinator.run() }
        let market = try Market(Server(coordinator: coordinator, players: players, task: task))
        try await coordinator.waitUntilReady(timeout: .seconds(60))
        return market
    }
}
