import Holdfast
import HoldfastSQLite
import Logging

/// One server of the fleet.
///
/// A game has one in each of its processes; the tour has two in one.
struct GameServer: Sendable {
    static let deployment = "adventure"
    /// The same on every server, as the store has them.
    ///
    /// Duties of the fleet begin after a renewal: a second here, ten unless told otherwise.
    static let timings = DeploymentTimings(renewMillis: 1_000)

    let name: String
    let store: SQLiteStore
    let memory: MemoryStore
    let coordinator: Coordinator
    let players: ProfileCollection<Player>
    let guilds: SharedCollection<Guild>
    let worlds: WorldStore
    let host: WorldHost
    let counters = BlockCounters()
    let book = GuestBook()

    init(_ name: String, redisSocket: String, database: String, clock: GameClock, logger: Logger) throws {
        self.name = name
        store = try SQLiteStore(path: database, deployment: Self.deployment)
        let redis = RedisClient(configuration: RedisConfiguration(address: .unix(path: redisSocket)), logger: logger)

        // Profiles and boards share their commits, and a budget of requests to the store.
        let committer = GroupCommitter(store: store, budget: RequestBudget(perSecond: 1_000), logger: logger)
        memory = MemoryStore(
            redis: redis, deployment: Self.deployment, store: store, committer: committer, logger: logger)
        var configuration = CoordinatorConfiguration(serverID: name)
        configuration.timings = Self.timings
        configuration.boards = memory
        configuration.backups = BackupPolicy(every: .seconds(1), keep: 3)  // a day in earnest
        coordinator = try Coordinator(
            configuration: configuration,
            backend: RedisCoordinationBackend(client: redis, deployment: Self.deployment, logger: logger),
            store: store, committer: committer, logger: logger)

        var options = try Player.options(clock: clock)
        try options.project(to: "level") { $0.profile.level }
        options.addHooks(clock: clock, counters: counters, book: book)
        players = try coordinator.collection("players", of: Player.self, options: options)
        guilds = try coordinator.sharedCollection(
            "guilds", of: Guild.self, options: CollectionOptions { _ in Guild() })
        worlds = try WorldStore(coordinator, terrain: Plains())
        host = WorldHost(worlds)
    }
}
