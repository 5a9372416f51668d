import Holdfast
import HoldfastSQLite
import Logging
import ServiceLifecycle

struct Player: Codable, Sendable, Equatable {
    var coins = 0
    var inventory: [String] = []
}

struct Game: Service {
    let coordinator: Coordinator
    let players: ProfileCollection<Player>

    func run() async throws {
        try await coordinator.waitUntilReady()
        try await players.withSession(for: Key(42)) { session in  // takes the lease and loads
            try session.edit { $0.coins += 100 }  // in memory, all or nothing
            try session.edit { player in
                guard player.coins >= 50 else { return }
                player.coins -= 50
                player.inventory.append("Sword")
            }
            try await session.save()  // durable: the store has it
            print("player 42 owns", session.document)
        }  // saved and released: another server may open it now
        try await gracefulShutdown()  // a real game would serve its players until here
    }
}

let deployment = "my-game"
let logger = Logger(label: deployment)
let redis = RedisClient(
    configuration: RedisConfiguration(address: .tcp(host: "127.0.0.1", port: 6379)), logger: logger)
let store = try SQLiteStore(path: "my-game.sqlite", deployment: deployment)
let coordinator = try Coordinator(
    configuration: CoordinatorConfiguration(serverID: "arena-1"),
    backend: RedisCoordinationBackend(client: redis, deployment: deployment, logger: logger),
    store: store,
    logger: logger
)
let players = try coordinator.collection(
    "players", of: Player.self, options: CollectionOptions(template: { _ in Player() }))

_ = try await store.migrate(DeploymentTimings())  // creates the layout; safe to repeat

// The game comes last, so that it stops first: the coordinator then saves and releases what is still open.
let group = ServiceGroup(
    services: [coordinator, Game(coordinator: coordinator, players: players)],
    gracefulShutdownSignals: [.sigterm, .sigint],
    logger: logger
)
try await group.run()
