import Foundation
import HoldfastCoordination
import HoldfastProfiles
import HoldfastRedis
import HoldfastSQLite
import HoldfastStorage
import Logging
import TestServers
import Testing

/// Migrates a pair of Redis and SQLite for the executable, and runs a server of this process on it while `body` runs.
func withServer(_ body: @escaping @Sendable (Tool, Coordinator) async throws -> Void) async throws {
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let redis = try await ToolRedis.start()
    let folder = try TemporaryFolder()
    let path = folder.file("store.sqlite")
    let tool = try Tool(
        environment: redis.environment.merging([
            "HOLDFAST_REDIS": redis.address, "HOLDFAST_STORE": "sqlite:\(path)",
        ]) { $1 },
        folder: folder)
    let migrated = try await tool.run("migrate", "--lease", "1m", "--renew", "20s", "--beat", "2s")
    #expect(migrated.status == 0, "\(migrated.errors)")

    var configuration = CoordinatorConfiguration(serverID: "lobby-1")
    configuration.timings = DeploymentTimings(leaseMillis: 60_000, renewMillis: 20_000, beatMillis: 2_000)
    let store = try SQLiteStore(path: path, deployment: "holdfast")
    let backend = RedisCoordinationBackend(
        client: RedisClient(configuration: redis.configuration, logger: quiet), deployment: "holdfast", logger: quiet)
    let coordinator = try Coordinator(configuration: configuration, backend: backend, store: store, logger: quiet)
    let running = Task { try await coordinator.run() }
    let result: Result<Void, any Error>
    do {
        try await coordinator.waitUntilReady()
        result = .success(try await body(tool, coordinator))
    } catch {
        result = .failure(error)
    }
    coordinator.requestDrain()
    try await running.value
    await store.close()
    withExtendedLifetime(redis) {}
    try result.get()
}
