import Foundation
import GRDB
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastSQLite

@Suite("SQLite: layouts of two builds")
struct SQLiteLayoutTests {
    @Test("a store of layout 1 keeps records; logs and scores say that it must be migrated, and work afterwards")
    func migrates() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("store.sqlite")
        let name = try SpaceName("log")
        let old = try SQLiteStore(path: path, deployment: "test")
        _ = try await old.migrate(DeploymentTimings())
        let session = try StoreActor()
        _ = try await session.seal(old)
        await old.close()
        try LayoutHistory.remove(downTo: 1, path)

        let (store, beside) = (
            try SQLiteStore(path: path, deployment: "test"), try SQLiteStore(path: path, deployment: "test")
        )
        #expect(try await store.deployment().schema == 1)
        #expect(try await session.save(store, "x") == .committed)
        var saved = session
        saved.version = 1
        try await expectOperationsWithoutTimes(store, saved)
        let projecting = CommitRequest(
            writes: [session.write(.none)], projections: [try score("a", 1, in: name, version: 1)])
        let calls: [@Sendable (SQLiteStore) async throws -> Void] = [
            { _ = try await $0.append([entry()], to: name) }, { _ = try await $0.trim(name, .expired) },
            { _ = try await $0.submit(score("a", 1, in: name)) }, { _ = try await $0.page(of: name) },
            { _ = try await $0.page(of: name, changedAfter: 0) }, { _ = try await $0.rows(of: "a", in: name) },
            { _ = try await $0.logs() }, { _ = try await $0.tables() }, { try await $0.dropSpace(name) },
            { _ = try await $0.find(name) }, { _ = try await $0.put(name, [0x31], over: 0) },
            { _ = try await $0.execute([.commit(projecting)]) },
        ]
        for call in calls {
            let error = await #expect(throws: StoreError.self) { try await call(store) }
            #expect(error?.code == .wrongDeployment && error?.message.contains("holdfast migrate") == true)
        }
        let deployment = try await beside.migrate(DeploymentTimings())
        #expect(deployment.schema == 3 && deployment.minimumReader == 1)
        _ = try await beside.migrate(DeploymentTimings())
        // A handle that looked before sees the new layout without being opened again.
        #expect(try await store.append([entry()], to: name).sequences == [1])
        #expect(try await store.read(session.id)?.version == 1)
        for store in [store, beside] { await store.close() }
    }

    @Test("dropped spaces are purged in steps, and by whoever writes scores")
    func purges() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("store.sqlite")
        // No time to purge in the drop itself.
        let store = try SQLiteStore(path: path, deployment: "test", busyTimeout: .zero)
        _ = try await store.migrate(DeploymentTimings())
        let (name, other) = (try SpaceName("dropped"), try SpaceName("other"))
        for start in stride(from: 0, to: 512, by: 256) {
            _ = try await store.submit((start..<start + 256).map { try score("\($0)", 1, in: name) })
        }
        _ = try await store.append([entry(), entry()], to: name)
        try await store.dropSpace(name)
        #expect(try count("score", path) == 512)
        var rounds = 0
        while try count("space", path) > 1 || count("score", path) > rounds {
            rounds += 1
            _ = try await store.submit(score("\(rounds)", 1, in: other))
            try #require(rounds < 20)
        }
        #expect(try count("log_entry", path) == 0 && rounds > 3)
        await store.close()

        let patient = try SQLiteStore(path: path, deployment: "test")
        try await patient.dropSpace(other)
        #expect(try count("score", path) == 0 && count("space", path) == 0)
        await patient.close()
    }

    @Test("ids of batches are forgotten after an hour, a few at a time")
    func forgetsBatches() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("store.sqlite")
        let store = try SQLiteStore(path: path, deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        let table = try SpaceName("table")
        let batch = [try score("a", 1, in: table, rule: ScoreRule(scoreOperator: .increment))]
        let (old, young) = (RandomID.random(), RandomID.random())
        _ = try await store.submit(batch, id: old)
        try age(path, by: ScoreBatch.memoryMillis + 60_000)
        _ = try await store.submit(batch, id: young)
        #expect(try count("score_batch", path) == 1)
        try age(path, by: ScoreBatch.memoryMillis - 60_000)
        _ = try await store.submit(batch, id: young)
        #expect(try await store.rows(of: "a", in: table)[0]?.score == 2)
        _ = try await store.submit(batch, id: old)
        #expect(try await store.rows(of: "a", in: table)[0]?.score == 3)
        await store.close()
    }

    private func count(_ table: String, _ path: String) throws -> Int {
        try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }

    private func age(_ path: String, by millis: Int64) throws {
        try DatabaseQueue(path: path).write { database in
            try database.execute(sql: "UPDATE score_batch SET created_at = created_at - ?", arguments: [millis])
        }
    }
}
