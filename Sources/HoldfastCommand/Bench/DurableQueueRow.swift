import HoldfastMemoryStore
import HoldfastPrivateServers
import HoldfastRedis
import HoldfastSQLite
import HoldfastStorage
import Logging

/// Durable items added one by one from many tasks, against the same store's log written 100 items a transaction.
struct DurableQueueRow: Sendable {
    private static let batch = 100
    /// Twice the batch, since one group is written while the next gathers.
    private static let tasks = 2 * batch
    private static let life = Duration.seconds(86_400)
    private static let value = "order-" + String(repeating: "n", count: 140)

    /// Measures the row on a Redis and an SQLite file of its own.
    func run(_ context: BenchContext) async throws -> BenchRow {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.file("holdfast.sqlite"), deployment: "bench")
        _ = try await store.migrate(DeploymentTimings())
        let client = RedisClient(
            configuration: RedisConfiguration(address: .unix(path: redis.socketPath)), logger: context.logger)
        let memory = MemoryStore(redis: client, deployment: "bench", store: store, logger: context.logger)
        let pairs = try await withRunning(client) {
            try await withRunning(memory) {
                try await BenchPair.measure(
                    progress: context.finishedPair,
                    ours: { try await Self.add(to: memory, seconds: context.seconds) },
                    ceiling: { try await Self.append(to: store, seconds: context.seconds) })
            }
        }
        await store.close()
        return BenchRow(
            name: BenchName.queueDurable.rawValue, unit: "ops/s",
            ceilingCommand: "the same SQLite log, \(Self.batch) items a transaction, WAL, synchronous=FULL",
            pairs: pairs)
    }

    /// Items a second through the whole path, while Redis gets them, too.
    private static func add(to memory: MemoryStore, seconds: Double) async throws -> Double {
        // A new one each time: none fills up.
        let queue = try memory.queue("bench-\(RandomID.random())", of: String.self)
        let clock = ContinuousClock()
        let start = clock.now
        let end = start.advanced(by: .seconds(seconds))
        let added = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    var added = 0
                    while clock.now < end {
                        try await queue.add(value, expiresAfter: life, durable: true)
                        added += 1
                    }
                    return added
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(added) / ((clock.now - start) / .seconds(1))
    }

    /// Items a second of the store alone.
    private static func append(to store: SQLiteStore, seconds: Double) async throws -> Double {
        let log = try SpaceName("bench:ceiling-\(RandomID.random())")
        let clock = ContinuousClock()
        let start = clock.now
        let end = start.advanced(by: .seconds(seconds))
        let bytes = Array("\"\(value)\"".utf8)
        var added = 0
        while clock.now < end {
            let entries = (0..<batch).map { _ in
                AppendRequest.Entry(
                    id: .random(), value: bytes, timeToLiveMillis: Int64(life / .milliseconds(1)))
            }
            _ = try await store.execute([.append(AppendRequest(log: log, entries: entries))])
            added += batch
        }
        let elapsed = clock.now - start
        try await store.dropSpace(log)
        return Double(added) / (elapsed / .seconds(1))
    }
}
