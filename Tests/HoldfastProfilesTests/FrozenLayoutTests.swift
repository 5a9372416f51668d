import Foundation
import HoldfastCoordination
import HoldfastPostgres
import HoldfastProfiles
import HoldfastSQLite
import HoldfastStorage
import Logging
import TestServers
import Testing

@Suite("Frozen layouts", .timeLimit(.minutes(10)))
struct FrozenLayoutTests {
    @Test("the first SQLite file and append-only file still open, with leases, hot copies, operations and tombstones")
    func sqlite() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(
            at: try FrozenLayout.fixture("holdfast.sqlite"), to: URL(fileURLWithPath: folder.file("holdfast.sqlite"))
        )
        let store = try SQLiteStore(path: folder.file("holdfast.sqlite"), deployment: "frozen")
        try await play(store: store, deployment: "frozen")
        await store.close()
    }

    @Test("the first SQL dump still opens")
    func postgres() async throws {
        let database = try await PrivatePostgres.start(syncs: false)
        defer { database.stop() }
        let dump = try FrozenLayout.fixture("holdfast.sql").path
        _ = try ChildProcess.output(of: "psql", ["-q", "-v", "ON_ERROR_STOP=1", "-d", database.url(), "-f", dump])
        let store = try PostgresStore(
            try PostgresConfiguration(url: database.url()), deployment: "frozen-sql", logger: Logger(label: "test")
        )
        try await play(store: store, deployment: "frozen-sql")
        await store.close()
    }

    @Test("the first SQLite file, once migrated, tells whose data it holds and keeps what is replaced")
    func migrates() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("holdfast.sqlite")
        try FileManager.default.copyItem(
            at: try FrozenLayout.fixture("holdfast.sqlite"), to: URL(fileURLWithPath: path))
        let store = try SQLiteStore(path: path, deployment: "frozen")
        #expect(try await store.migrate(FrozenLayout.timings).schema == 3)
        let found = try await store.records(ofUser: "5", after: nil, limit: 10)
        #expect(found.map(\.key) == [Key(5)])
        let record = try #require(found.first)
        let version = try #require(await store.read(record)?.version)
        try await play(store: store, deployment: "frozen")
        let owner = Owner(nonce: .random(), server: "c", boot: .random())
        _ = try await store.execute([.seal(SealRequest(id: record, token: 1_000, owner: owner))])
        let write = RecordWrite(
            id: record, fence: 1_000, nonce: owner.nonce, version: version, saveID: .random(),
            change: .content(Content(payload: try Payload.encode(canonical: Array("{}".utf8)), schema: 1)),
            parts: [PartWrite(name: try PartName("a"), payload: PartPayload([1]))])
        #expect(try await store.execute([.commit(CommitRequest(writes: [write]))]) == [.commit(.committed)])
        #expect(try await store.history(of: record, before: nil, limit: 10).map(\.version) == [version])
        #expect(try await store.records(ofUser: "5", after: nil, limit: 10).isEmpty)
        #expect(try await store.partSummary(of: record).count == 1)
        await store.close()
    }

    @Test("this build writes the tables and keys that the first one wrote")
    func unchanged() async throws {
        let folder = try TemporaryFolder()
        let redis = try await PrivateRedis.start()
        defer { redis.stop() }
        let path = folder.file("new.sqlite")
        let store = try SQLiteStore(path: path, deployment: "frozen")
        try await FrozenLayout.write(redis: redis, store: store, deployment: "frozen")
        await store.close()
        let first = try schema(FrozenLayout.fixture("holdfast.sqlite").path)
        #expect(Set(first).isSubset(of: try schema(path)), "a layout only adds to the one before it")

        let frozen = try await frozenRedis()
        defer { frozen.stop() }
        // Beats, inboxes and the leases of duties come and go with servers.
        let isServer = { (key: String) in
            key.contains("{servers}") || key.contains("{inbox:") || key.contains("{\(Coordinator.dutyCollection):")
        }
        let written = try FrozenLayout.keys(of: redis).filter { !isServer($0) }
        let frozenKeys = try FrozenLayout.keys(of: frozen).filter { $0.hasPrefix("hf1:frozen:") && !isServer($0) }
        #expect(written == frozenKeys)
    }

    /// Every column and index, one a line.
    private func schema(_ path: String) throws -> [String] {
        try ChildProcess.output(
            of: "python3",
            [
                "-c",
                """
                import sqlite3, sys
                database = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro&immutable=1', uri=True)
                for row in database.execute(
                    'SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk '
                    'FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = ? ORDER BY 1, 2', ['table']):
                    print(*row)
                for row in database.execute(
                    'SELECT m.name, i.name, i."unique", i.origin, i.partial, c.seqno, c.name '
                    'FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c '
                    'WHERE m.type = ? ORDER BY 1, 2, 6', ['table']):
                    print(*row)
                """, path,
            ]
        ).split(separator: "\n").map(String.init)
    }

    private func frozenRedis() async throws -> PrivateRedis {
        var options = PrivateRedis.Options()
        options.appendOnly = true
        let redis = try await PrivateRedis.start(options)
        redis.kill()
        let target = URL(fileURLWithPath: redis.folder).appending(path: "appendonlydir")
        try? FileManager.default.removeItem(at: target)
        try FileManager.default.copyItem(at: try FrozenLayout.fixture("appendonlydir"), to: target)
        try await redis.restart()
        return redis
    }

    /// Goes on where the frozen history ended.
    private func play(store: any DurableStore, deployment: String) async throws {
        let redis = try await frozenRedis()
        defer { redis.stop() }
        let server = try await FrozenLayout.server("b", redis: redis, store: store, deployment: deployment)
        let players = server.players
        try await players.withSession(for: Key(1)) { session in
            #expect(session.document == Player(coins: 350, inventory: ["Sword"], rewards: 1))
            #expect(session.token > 2)
        }
        try await players.withSession(for: try Key("é {:*}")) { #expect($0.document.coins == 7) }
        try await players.withSession(for: Key(3)) { #expect($0.document.coins == 40) }
        #expect(try await players.deliver(GrantCoins(coins: 250), to: Key(1), id: "applied") == .duplicate(.applied))
        #expect(try await players.deliver(GrantCoins(coins: 40), to: Key(3), id: "pending") == .duplicate(.applied))
        try await players.withSession(for: Key(4)) { #expect($0.document == Player() && $0.version == 2) }
        let left = try await players.open(Key(5))
        #expect(left.document.coins == 5 && left.userIDs == ["5"])
        #expect(left.opening.origin == .takeOver(from: "a"))
        try await left.close()
        try await server.drain()
    }
}
