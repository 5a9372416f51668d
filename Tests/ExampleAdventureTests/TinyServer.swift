import Holdfast
import HoldfastGameplay

@testable import ExampleAdventure

/// A server of the game in memory, without boards and news.
struct TinyServer: Sendable {
    let coordinator: Coordinator
    let players: ProfileCollection<Player>
    let worlds: WorldStore

    var market: Market { Market(coordinator: coordinator, players: players) }

    private init(_ name: String, _ backend: InMemoryCoordinationBackend, _ store: InMemoryStore) throws {
        coordinator = try Coordinator(
            configuration: CoordinatorConfiguration(serverID: name), backend: backend, store: store)
        players = try coordinator.collection(
            "players", of: Player.self, options: Player.options(clock: GameClock()))
        worlds = try WorldStore(coordinator, terrain: Plains())
    }

    /// Runs two servers of one fleet while the body does something with them.
    static func withTwo(_ body: (TinyServer, TinyServer) async throws -> Void) async throws {
        let store = InMemoryStore(deployment: "adventure")
        _ = try await store.migrate(DeploymentTimings())
        let backend = InMemoryCoordinationBackend()
        let first = try TinyServer("adventure-1", backend, store)
        let second = try TinyServer("adventure-2", InMemoryCoordinationBackend(sharing: backend), store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in [first, second] { group.addTask { try await server.coordinator.run() } }
            try await body(first, second)
            first.coordinator.requestDrain()
            second.coordinator.requestDrain()
            try await group.waitForAll()
        }
    }
}
