import Foundation
import Holdfast
import Logging
import ServiceLifecycle

// One argument: the socket of a Redis. Without it the game starts one of its own.
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("adventure-\(UUID())").path
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
let localRedis = CommandLine.arguments.count > 1 ? nil : try LocalRedis(folder: folder)
let redisSocket = localRedis?.socketPath ?? CommandLine.arguments[1]

var logger = Logger(label: GameServer.deployment)
logger.logLevel = .error
let clock = GameClock()
let summary = Summary()
let database = "\(folder)/adventure.sqlite"
let first = try GameServer(
    "adventure-1", redisSocket: redisSocket, database: database, clock: clock, logger: logger)
let second = try GameServer(
    "adventure-2", redisSocket: redisSocket, database: database, clock: clock, logger: logger)
_ = try await first.store.migrate(GameServer.timings)
let adventure = Adventure(server: first, elsewhere: second, clock: clock, folder: folder, summary: summary)

// Services stop in reverse order: the game, the memory stores, and the coordinators last.
let group = ServiceGroup(
    configuration: ServiceGroupConfiguration(
        services: [
            .init(service: first.coordinator),
            .init(service: second.coordinator),
            .init(service: first.memory),
            .init(service: second.memory),
            .init(service: adventure, successTerminationBehavior: .gracefullyShutdownGroup),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
var failure: (any Error)?
do { try await group.run() } catch { failure = error }
if failure == nil {
    summary.check(
        first.book.end(of: Adventure.cleo) == .drained && first.coordinator.missedDrain.isEmpty,
        "Cleo, who stayed, is saved and released by the shutdown")
}

localRedis?.stop()
try? FileManager.default.removeItem(atPath: folder)
if let failure { print("FAIL \(failure)") }
print(summary.isRight && failure == nil ? "the adventure ends well" : "the adventure ends badly")
exit(summary.isRight && failure == nil ? 0 : 1)
