import Foundation
import HoldfastPostgres
import HoldfastPrivateServers
import HoldfastSQLite
import HoldfastStorage

/// Whole saves against a plain batched writer of the same bytes, in the same place.
struct SaveRows: Sendable {
    /// Where Debian keeps the programs of the PostgreSQL that ``PrivatePostgres`` starts.
    static let privatePrograms = "/usr/lib/postgresql/15/bin/"

    /// SQLite, WAL and `synchronous=FULL` on both sides.
    func sqlite(_ context: BenchContext) async throws -> BenchRow {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.file("holdfast.sqlite"), deployment: "bench")
        return try await SaveLoad.with(store: store, logger: context.logger) { load, payloads in
            let ceiling = try SQLiteCeiling(path: folder.file("ceiling.sqlite"), payloads: payloads)
            let pairs = try await BenchPair.measure(
                progress: context.finishedPair,
                ours: { try await load.run(seconds: context.seconds) },
                ceiling: { try await ceiling.run(seconds: context.seconds, batch: SaveLoad.batch) }
            )
            try ceiling.close()
            return BenchRow(
                name: BenchName.saveSQLite.rawValue, unit: "rows/s", ceilingCommand: SQLiteCeiling.description,
                pairs: pairs)
        }
    }

    /// The database of `--store`, or a private one with fsync on.
    ///
    /// - Throws: ``BenchSkip`` where there is neither.
    func postgres(_ context: BenchContext) async throws -> BenchRow {
        if let target = context.postgres {
            return try await postgres(context, url: target.url, password: target.password, programs: "")
        }
        guard FileManager.default.isExecutableFile(atPath: "\(Self.privatePrograms)initdb") else {
            throw BenchSkip(
                reason: "no PostgreSQL 15 in \(Self.privatePrograms); name a database with --store postgres://…")
        }
        let server = try await PrivatePostgres.start()
        defer { server.stop() }
        return try await postgres(context, url: server.url(), password: nil, programs: Self.privatePrograms)
    }

    private func postgres(
        _ context: BenchContext, url: String, password: String?, programs: String
    ) async throws -> BenchRow {
        // A name of its own, so that a database in use keeps its other deployments as they are.
        let deployment = "bench-\(RandomID.random())"
        let folder = try TemporaryFolder()
        let psql = PostgresPrograms(connection: url, password: password, folder: programs)
        let store = try PostgresStore(url: url, password: password, deployment: deployment, logger: context.logger)
        defer { psql.removeDeployment(deployment) }
        return try await SaveLoad.with(store: store, logger: context.logger) { load, payloads in
            let ceiling = try PostgresCeiling(
                programs: psql, folder: folder, payloads: payloads, batch: SaveLoad.batch)
            defer { ceiling.remove() }
            let pairs = try await BenchPair.measure(
                progress: context.finishedPair,
                ours: { try await load.run(seconds: context.seconds) },
                ceiling: { try ceiling.run(seconds: context.seconds) }
            )
            return BenchRow(
                name: BenchName.savePostgres.rawValue, unit: "rows/s",
                ceilingCommand: ceiling.commandLine(seconds: context.seconds), pairs: pairs)
        }
    }
}
