import Foundation
import HoldfastMemoryStore
import HoldfastPostgres
import HoldfastPrivateServers
import HoldfastRedis
import HoldfastSQLite
import HoldfastStorage
import Logging

/// Durable scores submitted one by one from many tasks, through the store and on to Redis, against the same store
/// that is given 100 scores a transaction.
struct BoardDurableRow: Sendable {
    let name: BenchName

    private static let members = 10_000
    private static let batch = 100
    /// Four times the batch: one group is written, one goes on to Redis, and the next gathers.
    private static let tasks = 4 * batch
    private static let deployment = "bench"

    /// Measures the row on an SQLite file of its own.
    func sqlite(_ context: BenchContext) async throws -> BenchRow {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.file("holdfast.sqlite"), deployment: Self.deployment)
        return try await measure(store, "SQLite, WAL, synchronous=FULL", context)
    }

    /// Measures the row on a PostgreSQL of its own, with fsync on.
    ///
    /// - Throws: ``BenchSkip`` where there is none.
    func postgres(_ context: BenchContext) async throws -> BenchRow {
        guard FileManager.default.isExecutableFile(atPath: "\(SaveRows.privatePrograms)initdb") else {
            throw BenchSkip(reason: "no PostgreSQL 15 in \(SaveRows.privatePrograms)")
        }
        let server = try await PrivatePostgres.start()
        defer { server.stop() }
        let store = try PostgresStore(
            url: server.url(), password: nil, deployment: Self.deployment, logger: context.logger)
        return try await measure(store, "PostgreSQL, fsync on", context)
    }

    private func measure(_ store: any DurableStore, _ kind: String, _ context: BenchContext) async throws -> BenchRow {
        _ = try await store.migrate(DeploymentTimings())
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let client = RedisClient(
            configuration: RedisConfiguration(address: .unix(path: redis.socketPath)), logger: context.logger)
        let memory = MemoryStore(redis: client, deployment: Self.deployment, store: store, logger: context.logger)
        let pairs = try await withRunning(client) {
            try await withRunning(memory) {
                let board = try await memory.createBoard(
                    "bench", BoardSettings(rules: BoardRules(scoreOperator: .set)))
                return try await BenchPair.measure(
                    progress: context.finishedPair,
                    ours: {
                        try await callsPerSecond(tasks: Self.tasks, seconds: context.seconds) { generator in
                            try await board.submit(Self.score(&generator), for: Self.member(&generator))
                        }
                    },
                    ceiling: { try await Self.write(to: store, seconds: context.seconds) })
            }
        }
        await store.close()
        return BenchRow(
            name: name.rawValue, unit: "rows/s",
            ceilingCommand: "the same table of the same store, \(Self.batch) scores a transaction; \(kind)",
            pairs: pairs)
    }

    /// Rows a second of the store alone.
    private static func write(to store: any DurableStore, seconds: Double) async throws -> Double {
        let table = try SpaceName("bench-ceiling")
        let batches = try await callsPerSecond(tasks: 1, seconds: seconds) { generator in
            let submissions = (0..<batch).map { _ in
                ScoreSubmission(
                    table: table, member: member(&generator),
                    action: .submit(
                        score: score(&generator), subscore: 0, rule: BoardRules(scoreOperator: .set).scoreRule()))
            }
            _ = try await store.execute([.submit(ScoreBatch(id: .random(), submissions: submissions))])
        }
        return batches * Double(batch)
    }

    private static func member(_ generator: inout SeededGenerator) -> Key {
        Key(Int(generator.next() % UInt64(members)))
    }

    private static func score(_ generator: inout SeededGenerator) -> Int64 { Int64(generator.next() >> 16) }
}
