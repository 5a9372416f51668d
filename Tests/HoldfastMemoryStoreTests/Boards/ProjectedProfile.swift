import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Logging

/// A document that shows two of its numbers on boards.
struct ProjectedPlayer: Codable, Sendable, Equatable {
    var level = 0
    var wealth = 0
}

/// A game server whose players show their level and their wealth.
struct ProjectedServer: Sendable {
    let players: ProfileCollection<ProjectedPlayer>
    private let task: Task<Void, any Error>

    /// Starts a server that is the only one of its deployment.
    ///
    /// - Parameter boards: Where scores are projected to.
    static func start(
        _ store: any DurableStore, boards: any ScoreBoards, wealth: String? = "wealth"
    ) async throws -> ProjectedServer {
        var configuration = CoordinatorConfiguration(serverID: "game")
        configuration.autosave = .seconds(3_600)
        configuration.boards = boards
        let coordinator = try Coordinator(
            configuration: configuration, backend: InMemoryCoordinationBackend(), store: store,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var options = CollectionOptions<ProjectedPlayer> { _ in ProjectedPlayer() }
        try options.project(to: "level") { $0.level }
        if let wealth { try options.project(to: wealth) { $0.wealth } }
        let players = try coordinator.collection("players", of: ProjectedPlayer.self, options: options)
        let task = Task { try await coordinator.run() }
        try await coordinator.waitUntilReady()
        return ProjectedServer(players: players, task: task)
    }

    /// As a crash: the session of every player is left where it is.
    func crash() async {
        task.cancel()
        _ = await task.result
    }

    /// Saves one player's numbers.
    func save(_ key: Int64, level: Int, wealth: Int) async throws {
        let session = try await players.open(Key(key))
        try session.edit { $0 = ProjectedPlayer(level: level, wealth: wealth) }
        try await session.save()
        try await session.close()
    }
}
