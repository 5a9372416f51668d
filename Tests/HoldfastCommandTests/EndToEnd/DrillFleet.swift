import Foundation
import HoldfastCoordination
import HoldfastProfiles
import HoldfastRedis
import HoldfastSQLite
import HoldfastStorage
import Logging
import MetricsTestKit
import TestServers

import func Metrics.withMetricsFactory

/// A Redis and a SQLite of the drill's own, the executable, and servers of this process with their metrics.
struct DrillFleet: Sendable {
    /// A server that runs until ``stop()``.
    struct Server: Sendable {
        let coordinator: Coordinator
        let store: SQLiteStore
        let players: ProfileCollection<JSONValue>
        fileprivate let running: Task<Void, any Error>

        func stop() async {
            running.cancel()
            _ = await running.result
            await store.close()
        }
    }

    let redis: ToolRedis
    let tool: Tool
    /// The store has a folder of its own, which a drill may move away.
    let storeFolder: String
    let metrics = TestMetrics()
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let timings = DeploymentTimings(leaseMillis: 5_000, renewMillis: 1_000, beatMillis: 200)

    static func start() async throws -> DrillFleet {
        let redis = try await ToolRedis.start()
        let folder = try TemporaryFolder()
        let storeFolder = folder.file("store")
        try FileManager.default.createDirectory(atPath: storeFolder, withIntermediateDirectories: true)
        let tool = try Tool(
            environment: redis.environment.merging([
                "HOLDFAST_REDIS": redis.address, "HOLDFAST_STORE": "sqlite:\(storeFolder)/store.sqlite",
            ]) { $1 },
            folder: folder)
        let migrated = try await tool.run("migrate", "--lease", "5s", "--renew", "1s", "--beat", "200ms")
        guard migrated.status == 0 else { throw TestServerError(migrated.errors) }
        return DrillFleet(redis: redis, tool: tool, storeFolder: storeFolder)
    }

    /// Starts a server; three failures make it critical, and it recovers within two seconds.
    ///
    /// - Parameter prepare: Adds to the coordinator before it runs.
    func server(
        _ id: String, _ options: CollectionOptions<JSONValue>? = nil,
        prepare: (Coordinator) throws -> Void = { _ in }
    ) async throws -> Server {
        var configuration = CoordinatorConfiguration(serverID: id)
        configuration.timings = Self.timings
        configuration.healthPolicy.failures = 3
        configuration.healthPolicy.burst = .zero
        configuration.healthPolicy.recovery = .seconds(2)
        configuration.drainTimeout = .seconds(5)
        let store = try SQLiteStore(path: "\(storeFolder)/store.sqlite", deployment: "holdfast")
        let backend = RedisCoordinationBackend(
            client: RedisClient(configuration: redis.configuration, logger: quiet), deployment: "holdfast",
            logger: quiet)
        let coordinator = try withMetricsFactory(metrics) {
            try Coordinator(configuration: configuration, backend: backend, store: store, logger: quiet)
        }
        let players =
            try options.map { try coordinator.collection("players", of: JSONValue.self, options: $0) }
            ?? coordinator.documents("players")
        try prepare(coordinator)
        let running = Task { try await coordinator.run() }
        let server = Server(coordinator: coordinator, store: store, players: players, running: running)
        do {
            try await coordinator.waitUntilReady(timeout: .seconds(60))
        } catch {
            await server.stop()
            throw error
        }
        return server
    }

    /// The last value of a gauge; nil before the first.
    func gauge(_ name: String, _ dimensions: [(String, String)] = []) -> Double? {
        (try? metrics.expectGauge(name, dimensions))?.lastValue
    }

    /// What a counter came to, over all of its dimensions that hold those.
    func count(_ name: String, _ dimensions: [(String, String)] = []) -> Int64 {
        metrics.counters.filter { counter in
            counter.label == name
                && dimensions.allSatisfy { wanted in counter.dimensions.contains { $0 == wanted } }
        }.reduce(0) { $0 + $1.totalValue }
    }

    /// What `status` says, and how it ended.
    func status() async throws -> (exit: Int32, redis: Bool, store: Bool, servers: [String: [String: Any]]) {
        let run = try await tool.run("status", "--json", "--timeout", "10s")
        let document = try run.json()
        func isOK(_ side: String) -> Bool { (document[side] as? [String: Any])?["ok"] as? Bool == true }
        var servers: [String: [String: Any]] = [:]
        for row in document["servers"] as? [[String: Any]] ?? [] { servers[row["id"] as? String ?? "?"] = row }
        return (run.status, isOK("redis"), isOK("store"), servers)
    }

    /// The checks of `doctor` that failed.
    func findings() async throws -> [String] {
        let checks =
            try await tool.run("doctor", "--json", "--timeout", "10s").json()["checks"] as? [[String: Any]] ?? []
        return checks.filter { $0["ok"] as? Bool != true }.compactMap { $0["name"] as? String }
    }
}
