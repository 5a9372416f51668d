import Foundation
import HoldfastPostgres
import HoldfastSQLite
import HoldfastStorage
import Logging
import TestServers
import Testing

@Suite("Frozen layout 3", .timeLimit(.minutes(10)))
struct FrozenHistoryTests {
    private func withSQLite(_ body: (any BackupStore) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("holdfast.sqlite")
        try FileManager.default.copyItem(
            at: try FrozenLayout.fixture("holdfast.sqlite", layout: 3), to: URL(fileURLWithPath: path))
        let store = try SQLiteStore(path: path, deployment: "frozen-3")
        try await body(store)
        await store.close()
        withExtendedLifetime(folder) {}
    }

    @Test("the first SQLite file with parts, history and a generation still opens and goes on, migrated or not")
    func sqlite() async throws {
        try await withSQLite { try await play(FrozenHistory($0), fence: 5) }
        try await withSQLite { store in
            _ = try await store.migrate(DeploymentTimings())
            try await play(FrozenHistory(store), fence: 5)
        }
    }

    @Test("the first SQL dump with parts, history and a generation still opens and goes on")
    func postgres() async throws {
        let database = try await PrivatePostgres.start(syncs: false)
        defer { database.stop() }
        let dump = try FrozenLayout.fixture("holdfast.sql", layout: 3).path
        _ = try ChildProcess.output(of: "psql", ["-q", "-v", "ON_ERROR_STOP=1", "-d", database.url(), "-f", dump])
        let store = try PostgresStore(url: database.url(), deployment: "frozen-3", logger: Logger(label: "test"))
        try await play(FrozenHistory(store), fence: 5)
        await store.close()
    }

    @Test("the first backup file is still restored")
    func backup() async throws {
        let file = try FrozenLayout.fixture("fleet.backup", layout: 3).path
        try await withSQLite { store in
            let backup = try await Backup.verify(file)
            #expect(backup.rows[.record] == 1 && backup.rows[.part] == 2 && backup.rows[.history] == 2)
            let plan = try await store.planRestore(of: backup)
            #expect(plan.replaces)
            _ = try await store.restore(from: file, plan: plan)
            try await play(FrozenHistory(store), fence: 6)
        }
    }

    /// Reads every kind of row, and goes on where the frozen history ended.
    private func play(_ frozen: FrozenHistory, fence: Int64) async throws {
        let (store, record) = (frozen.store, frozen.record)
        let generation = try await store.deployment().generation
        #expect(generation > 1_700_000_000_000)
        let row = try #require(await store.read(record))
        #expect(row.version == 3 && row.fence == fence && row.content?.userIDs == ["ann", "é"])
        let parts = try await store.parts(of: record, startingWith: [], after: nil, limit: 10)
        #expect(parts.map(\.name.description) == ["0:0", "1:1"] && parts.map(\.version) == [1, 2])
        #expect(try parts.map { try $0.payload.verified() } == [Array("chunk".utf8), Array("new".utf8)])
        let kept = try await store.history(of: record, before: nil, limit: 10)
        #expect(kept.map(\.version) == [2, 1] && kept.map(\.reason) == ["save 3", "save 2"])
        let old = try #require(await store.historyContent(of: record, version: 1))
        #expect(try old.payload.document() == Array(#"{"number":1}"#.utf8) && old.metadata != nil)
        #expect(try await store.records(ofUser: "é", after: nil, limit: 10) == [record])
        #expect(try await store.erasures(after: nil, limit: 10).map(\.userID) == ["gone é"])
        #expect(
            try await store.execute([.decide(Decision(trade: FrozenHistory.trade, verdict: .aborted))])
                == [.decide(.committed)])
        let page = try #require(await store.entries(of: frozen.ledger, after: 0, limit: 10))
        #expect(page.entries.map(\.sequence) == [1, 2, 3] && page.lastSequence == 3)
        let operations = try await store.operations(of: record, after: 0, limit: 10)
        #expect(operations.map(\.state) == [.pending, .pending, .dead])
        #expect(operations[0].expiresAtMillis != nil && operations[1].progress == Array(#"{"step":1}"#.utf8))
        #expect(operations[2].lastError == "broken" && operations[2].attempts == 3)

        let seal = SealRequest(id: record, token: 7, owner: FrozenHistory.owner)
        guard case .seal(.sealed(let sealed))? = try await store.execute([.seal(seal)]).first else {
            throw FrozenHistory.Refused()
        }
        #expect(sealed.generation == generation && sealed.version == 3 && sealed.pending.count == 2)
        let write = RecordWrite(
            id: record, fence: 7, nonce: FrozenHistory.owner.nonce, version: 3, saveID: .random(), change: .tombstone,
            keeps: .always(reason: "deletion"))
        let outdated = CommitRequest(writes: [write], generation: generation - 1)
        #expect(try await store.execute([.commit(outdated)]) == [.commit(.storeRestored)])
        let current = CommitRequest(writes: [write], generation: generation)
        #expect(try await store.execute([.commit(current)]) == [.commit(.committed)])
        #expect(try await store.partSummary(of: record).count == 0)
        #expect(try await store.history(of: record, before: nil, limit: 10).map(\.version) == [3, 2, 1])
        #expect(try await store.records(ofUser: "ann", after: nil, limit: 10).isEmpty)
    }
}
