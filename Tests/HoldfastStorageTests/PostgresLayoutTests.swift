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
        for table in ["space", "log_entry", "score", "score_batch", "definition"] {
            try server.query("DROP TABLE holdfast.\(table)", database: database)
        }
        try server.query("UPDATE holdfast.layout SET schema = 1", database: database)
        await store.close()

        let stores = try (0..<4).map { _ in try open() }
        _ = try await session.seal(stores[0])
        #expect(try await session.save(stores[0], "x") == .committed)
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
                    #expect(deployment.schema == 2 && deployment.minimumReader == 1)
                }
            }
            try await tasks.waitForAll()
        }
        #expect(try await stores[0].append([entry()], to: name).sequences == [1])
        #expect(try await stores[0].read(session.id)?.version == 1)
        for store in stores { await store.close() }
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
