import Foundation
import Holdfast
import HoldfastSQLite
import Logging
import ServiceLifecycle

// One argument: the socket of a Redis. Without it the game starts one of its own.
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("adventure-\(UUID())").path
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
let localRedis = CommandLine.arguments.count > 1 ? nil : try LocalRedis(folder: folder)
let redisSocket = localRedis?.socketPath ?? CommandLine.arguments[1]

let deployment = "adventure"
var logger = Logger(label: deployment)
logger.logLevel = .error
let redis = RedisClient(configuration: RedisConfiguration(address: .unix(path: redisSocket)), logger: logger)
let store = try SQLiteStore(path: "\(folder)/adventure.sqlite", deployment: deployment)
_ = try await store.migrate(DeploymentTimings())

// Profiles and boards share their commits.
let committer = GroupCommitter(store: store, logger: logger)
let memory = MemoryStore(
    redis: redis, deployment: deployment, store: store, committer: committer, logger: logger)
var configuration = CoordinatorConfiguration(serverID: "adventure-1")
configuration.boards = memory
let coordinator = try Coordinator(
    configuration: configuration,
    backend: RedisCoordinationBackend(client: redis, deployment: deployment, logger: logger),
    store: store, committer: committer, logger: logger)

let clock = GameClock()
let counters = BlockCounters()
let summary = Summary()
var options = try Player.options(clock: clock)
options.addHooks(clock: clock, counters: counters)
let players = try coordinator.collection("players", of: Player.self, options: options)
let guilds = try coordinator.sharedCollection("guilds", of: Guild.self, options: CollectionOptions { _ in Guild() })
let worlds = try WorldStore(coordinator, terrain: Plains())
let adventure = Adventure(
    coordinator: coordinator, memory: memory, players: players, guilds: guilds, worlds: worlds,
    host: WorldHost(worlds), clock: clock, counters: counters, summary: summary)

// Services stop in reverse order: the game, the memory store, and the coordinator last.
let group = ServiceGroup(
    configuration: ServiceGroupConfiguration(
        services: [
            .init(service: coordinator),
            .init(service: memory),
            .init(service: adventure, successTerminationBehavior: .gracefullyShutdownGroup),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
var failure: (any Error)?
do { try await group.run() } catch { failure = error }

localRedis?.stop()
try? FileManager.default.removeItem(atPath: folder)
if let failure { print("FAIL \(failure)") }
print(summary.isRight && failure == nil ? "the adventure ends well" : "the adventure ends badly")
exit(summary.isRight && failure == nil ? 0 : 1)
