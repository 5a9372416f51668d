import Foundation
import HoldfastPostgres
import HoldfastStorage
import Logging
import TestServers
import Testing

@Suite("PostgreSQL: layouts of two builds")
struct PostgresLayoutTests {
    private let server: PrivatePostgres
    private let database = "l\(RandomID.random())"

    init() async throws {
        server = try await SharedPostgres.server()
        try server.query("CREATE DATABASE \(database)")
    }

    private func open() throws -> PostgresStore {
        try PostgresStore(
            url: server.url(database: database), deployment: "test", logger: Logger(label: "test"))
    }

    @Test("a store of layout 1 keeps records; logs and scores say that it must be migrated, and work afterwards")
    func migrates() async throws {
        let name = try SpaceName("log")
        let (store, session) = (try open(), try StoreActor())
        _ = try await store.migrate(DeploymentTimings())
        try remove(downTo: 1)
        await store.close()

        let stores = try (0..<4).map { _ in try open() }
        _ = try await session.seal(stores[0])
        #expect(try await session.save(stores[0], "x") == .committed)
        var saved = session
        saved.version = 1
        try await expectOperationsWithoutTimes(stores[0], saved)
        let projecting = CommitRequest(
            writes: [session.write(.none)], projections: [try score("a", 1, in: name, version: 1)])
        let calls: [@Sendable (PostgresStore) async throws -> Void] = [
            { _ = try await $0.append([entry()], to: name) }, { _ = try await $0.page(of: name) },
            { _ = try await $0.submit(score("a", 1, in: name)) }, { try await $0.dropSpace(name) },
            { _ = try await $0.find(name) }, { _ = try await $0.put(name, [0x31], over: 0) },
            { _ = try await $0.execute([.commit(projecting)]) },
        ]
        for call in calls {
            let error = await #expect(throws: StoreError.self) { try await call(stores[0]) }
            #expect(error?.code == .wrongDeployment && error?.message.contains("holdfast migrate") == true)
        }
        // Several processes may migrate at once.
        try await withThrowingTaskGroup { tasks in
            for store in stores {
                tasks.addTask {
                    let deployment = try await store.migrate(DeploymentTimings())
                    #expect(deployment.schema == 3 && deployment.minimumReader == 1)
                }
            }
            try await tasks.waitForAll()
        }
        #expect(try await stores[0].append([entry()], to: name).sequences == [1])
        #expect(try await stores[0].read(session.id)?.version == 1)
        for store in stores { await store.close() }
    }

    @Test("a store of layout 2 saves on without a history, says what it lacks, and has all of it once migrated")
    func migratesHistory() async throws {
        let first = try open()
        _ = try await first.migrate(DeploymentTimings())
        var one = try StoreActor("one")
        _ = try await one.seal(first)
        try await one.saved(first, "old", userIDs: ["ann", "ben\u{0}x"])
        await first.close()
        try server.age("test", by: StoreTime.hour, database: database)
        try remove(downTo: 2)

        let (store, beside) = (try open(), try open())
        let sealed = try #require(await one.seal(store).sealed)
        #expect(sealed.generation == 0 && sealed.version == 1)
        // What a session of this build sends with every save asks for nothing that layout 2 lacks.
        let change = RecordWrite.Change.content(try content("new", userIDs: ["ann"]))
        #expect(try await store.commit(CommitRequest(writes: [one.write(change)], generation: 0)) == .committed)
        one.version = 2
        let settling = CommitRequest(
            writes: [one.write(.none)], deliveries: [try delivery("gift", to: one.id)], generation: 0)
        #expect(try await store.commit(settling) == .committed)
        let late = CommitRequest(writes: [one.write(change)], generation: 3)
        var writes = [one.write(change), one.write(change)]
        writes[0].parts = [try part("a")]
        writes[1].keeps = .always(reason: "x")
        let (id, lacking) = (one.id, writes)
        let calls: [@Sendable (PostgresStore) async throws -> Void] = [
            { _ = try await $0.commit(late) }, { _ = try await $0.commit([lacking[0]]) },
            { _ = try await $0.commit([lacking[1]]) }, { _ = try await $0.decide(.random(), .aborted) },
            { _ = try await $0.parts(of: id) }, { _ = try await $0.parts(of: id, names: []) },
            { _ = try await $0.partSummary(of: id) }, { _ = try await $0.kept(id) },
            { _ = try await $0.historyContent(of: id, version: 1) },
            { _ = try await $0.keepCurrent(of: id, reason: "x") },
            { _ = try await $0.pruneHistory(replacedBefore: 1, limit: 1) }, { _ = try await $0.records(of: "ann") },
            { _ = try await $0.erase(id) }, { try await $0.rememberErasure(ofUser: "ann") },
            { _ = try await $0.erasures(after: nil, limit: 1) }, { _ = try await $0.bumpGeneration() },
        ]
        for call in calls {
            let error = await #expect(throws: StoreError.self) { try await call(store) }
            #expect(error?.code == .wrongDeployment && error?.message.contains("holdfast migrate") == true)
        }
        #expect(try await store.settleRestore(from: .start).records == 1)

        let deployment = try await beside.migrate(DeploymentTimings())
        #expect(deployment.schema == 3 && deployment.minimumReader == 1 && deployment.generation == 0)
        _ = try await beside.migrate(DeploymentTimings())
        #expect(try await beside.records(of: "ann") == [one.id])
        #expect(try await beside.records(of: "ben").isEmpty)
        // The other handle, which looked before, keeps from now on.
        one = one.rival(token: 9)
        one.version = try #require(await one.seal(store).sealed?.version)
        try server.age("test", by: StoreTime.hour, database: database)
        try await one.saved(store, "newer", userIDs: ["cat"])
        #expect(try await store.kept(one.id).map(\.version) == [2])
        #expect(try await store.records(of: "ann").isEmpty)
        for store in [store, beside] { await store.close() }
    }

    @Test("people are found whatever wrote them: a build of layout 2, or something that is no list")
    func followsOldBuilds() async throws {
        let store = try open()
        _ = try await store.migrate(DeploymentTimings())
        var session = try StoreActor()
        _ = try await session.seal(store)
        try await session.saved(store, "one", userIDs: ["ann"])
        try write(#"["ben","caf\u00e9"]"#)
        #expect(try await store.records(of: "ann").isEmpty)
        #expect(try await store.records(of: "ben") == [session.id])
        for odd in ["no list", #"{"a":"b"}"#, "", #"["a"#, #"["ann",7,["ben"]]"#] { try write(odd) }
        try await session.saved(store, "two", userIDs: ["cat"])
        #expect(try await store.records(of: "cat") == [session.id])
        #expect(try await store.records(of: "ann").isEmpty)
        await store.close()
    }

    @Test("what a build of layout 2 deletes leaves no parts")
    func clearsParts() async throws {
        let store = try open()
        _ = try await store.migrate(DeploymentTimings())
        var (one, two) = (try StoreActor("one"), try StoreActor("two"))
        for actor in [one, two] { _ = try await actor.seal(store) }
        try await one.saved(store, "new", parts: [part("a")])
        try await two.saved(store, "new", parts: [part("a")])
        try server.query(
            """
            UPDATE holdfast.record SET version = 2, fence = fence + 1, payload = NULL, user_ids = NULL,
              owner_nonce = NULL, owner_server = NULL, owner_boot = NULL
            WHERE convert_from(key, 'UTF8') = 'one'
            """, database: database)
        #expect(try await store.parts(of: one.id).isEmpty)
        #expect(try await store.parts(of: two.id).count == 1)
        await store.close()
    }

    @Test("a role that worked with layout 2 goes on with layout 3 without further rights")
    func grantsRights() async throws {
        let owner = try open()
        _ = try await owner.migrate(DeploymentTimings())
        try remove(downTo: 2)
        let role = "R\(RandomID.random())"
        try server.query(
            """
            CREATE ROLE "\(role)" LOGIN; GRANT USAGE ON SCHEMA holdfast TO "\(role)";
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA holdfast TO "\(role)"
            """, database: database)
        _ = try await owner.migrate(DeploymentTimings())
        let store = try PostgresStore(
            url: server.url(user: role, database: database), deployment: "test", logger: Logger(label: "test"))
        var session = try StoreActor()
        _ = try await session.seal(store)
        try await session.saved(store, "one", userIDs: ["ann"], parts: [part("a")])
        try await session.saved(store, "two", keeps: .always(reason: "test"))
        try await session.deleted(store)
        #expect(try await store.parts(of: session.id).isEmpty)
        _ = try await store.decide(.random(), .aborted)
        try await store.rememberErasure(ofUser: "ann")
        #expect(try await store.erase(session.id))
        for store in [owner, store] { await store.close() }
    }

    private func write(_ userIDs: String) throws {
        try server.query("UPDATE holdfast.record SET user_ids = '\(userIDs)'", database: database)
    }

    /// Takes away what later layouts added.
    private func remove(downTo layout: Int) throws {
        var tables = ["part", "history", "decision", "erasure"]
        if layout < 2 { tables += ["space", "log_entry", "score", "score_batch", "definition"] }
        try server.query(
            """
            DROP TABLE \(tables.map { "holdfast.\($0)" }.joined(separator: ", "));
            DROP TRIGGER record_part_removed ON holdfast.record;
            DROP FUNCTION holdfast.remove_parts;
            DROP INDEX holdfast.record_users, holdfast.operation_id, holdfast.operation_dead,
              holdfast.operation_receipt;
            DROP FUNCTION holdfast.user_ids(text);
            ALTER TABLE holdfast.operation DROP COLUMN expires_at, DROP COLUMN due_at, DROP COLUMN progress;
            ALTER TABLE holdfast.deployment DROP COLUMN generation;
            UPDATE holdfast.layout SET schema = \(layout)
            """, database: database)
    }

    @Test("who may not create tables may still migrate a store that is there")
    func migratesWithoutRights() async throws {
        let owner = try open()
        _ = try await owner.migrate(DeploymentTimings())
        await owner.close()
        let role = "r\(RandomID.random())"
        try server.query(
            """
            CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA holdfast TO \(role);
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA holdfast TO \(role)
            """, database: database)
        let store = try PostgresStore(
            url: server.url(user: role, database: database), deployment: "theirs", logger: Logger(label: "test"))
        _ = try await store.migrate(DeploymentTimings())
        let name = try SpaceName("log")
        #expect(try await store.append([entry()], to: name).sequences == [1])
        _ = try await store.submit(score("a", 1, in: name))
        await store.close()
    }

    @Test("dropped spaces are purged by whoever writes scores, and old batches are forgotten")
    func sweeps() async throws {
        let store = try open()
        _ = try await store.migrate(DeploymentTimings())
        let (name, other) = (try SpaceName("dropped"), try SpaceName("other"))
        for start in stride(from: 0, to: 512, by: 256) {
            _ = try await store.submit((start..<start + 256).map { try score("\($0)", 1, in: name) })
        }
        _ = try await store.append([entry(), entry()], to: name)
        // A drop whose process ended before it removed the rows.
        try server.query("UPDATE holdfast.space SET name = NULL", database: database)
        var rounds = 0
        while try count("space") > 1 {
            rounds += 1
            _ = try await store.submit(score("\(rounds)", 1, in: other))
            try #require(rounds < 20)
        }
        #expect(try count("log_entry") == 0 && count("score") == rounds && rounds > 3)

        let (young, table) = (RandomID.random(), other)
        let batch = [try score("b", 1, in: table, rule: ScoreRule(scoreOperator: .increment))]
        try server.query("UPDATE holdfast.score_batch SET created_at = created_at - 3700000", database: database)
        _ = try await store.submit(batch, id: young)
        #expect(try count("score_batch") == 1)
        try server.query("UPDATE holdfast.score_batch SET created_at = created_at - 3500000", database: database)
        _ = try await store.submit(batch, id: young)
        #expect(try await store.rows(of: "b", in: table)[0]?.score == 1)
        try await store.dropSpace(other)
        #expect(try count("score") == 0 && count("space") == 0)
        await store.close()
    }

    private func count(_ table: String) throws -> Int {
        Int(try server.query("SELECT count(*) FROM holdfast.\(table)", database: database)) ?? -1
    }
}
