import Foundation
import GRDB
import HoldfastStorage
import ModelTesting
import Synchronization
import TestServers
import Testing

@testable import HoldfastSQLite

@Suite("SQLite store")
struct SQLiteStoreTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("store.sqlite")
    }

    private func code(_ path: String) -> StoreError.Code? {
        #expect(throws: StoreError.self) { try SQLiteStore(path: path, deployment: "test") }?.code
    }

    @Test("the file and its companions are for their owner only")
    func protectsFiles() async throws {
        let store = try SQLiteStore(path: path, deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        for suffix in ["", "-wal", "-shm"] {
            let mode = try FileManager.default.attributesOfItem(atPath: path + suffix)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        await store.close()
    }

    @Test("a missing folder, a folder and a file that is no database are each refused by their own code")
    func refusesBadPaths() throws {
        #expect(code(folder.file("none/store.sqlite")) == .notFound)
        #expect(code(folder.path) == .denied)
        let garbage = Data(repeating: 0x61, count: 8_192)
        try garbage.write(to: URL(fileURLWithPath: path))
        #expect(code(path) == .corrupt)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == garbage)
    }

    @Test("a store that was never migrated, or not for this deployment, says so")
    func refusesUnknownDeployments() async throws {
        let store = try SQLiteStore(path: path, deployment: "test")
        let session = try StoreActor()
        let never = await #expect(throws: StoreError.self) { try await session.seal(store) }
        #expect(never?.code == .wrongDeployment)
        _ = try await store.migrate(DeploymentTimings())
        let other = try SQLiteStore(path: path, deployment: "other")
        let unknown = await #expect(throws: StoreError.self) { try await other.deployment() }
        #expect(unknown?.code == .wrongDeployment)
        _ = try await other.migrate(DeploymentTimings())
        _ = try await session.seal(store)
        // Nothing crosses between two deployments.
        #expect(try await other.read(session.id) == nil)
        await store.close()
        await other.close()
    }

    @Test("a layout that needs a newer build is refused by name and left alone")
    func refusesNewerLayout() async throws {
        let first = try SQLiteStore(path: path, deployment: "test")
        _ = try await first.migrate(DeploymentTimings())
        await first.close()
        try sql("UPDATE layout SET schema = 9, minimum_reader = 4")
        let store = try SQLiteStore(path: path, deployment: "test")
        let session = try StoreActor()
        let migrate = await #expect(throws: StoreError.self) { try await store.migrate(DeploymentTimings()) }
        let seal = await #expect(throws: StoreError.self) { try await session.seal(store) }
        #expect(migrate?.code == .newerSchema && seal?.code == .newerSchema)
        await store.close()
        try sql("UPDATE layout SET minimum_reader = 1")
        let later = try SQLiteStore(path: path, deployment: "test")
        #expect(try await later.deployment().schema == 9)
        #expect(try await session.seal(later).sealed != nil)
        await later.close()
    }

    @Test("a row that no build writes is refused as corrupt and left byte for byte")
    func refusesCorruptRows() async throws {
        let store = try SQLiteStore(path: path, deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        let session = try StoreActor()
        _ = try await session.seal(store)
        _ = try await session.save(store, "x")
        for damage in [
            "owner_nonce = x'00'", "user_ids = '{'", "checksum = NULL", "owner_server = NULL", "save_id = NULL",
        ] {
            try sql("CREATE TABLE kept AS SELECT * FROM record; UPDATE record SET \(damage)")
            let before = try rows()
            let seal = await #expect(throws: StoreError.self) { try await session.rival(token: 2).seal(store) }
            let read = await #expect(throws: StoreError.self) { try await store.read(session.id) }
            #expect(seal?.code == .corrupt && read?.code == .corrupt)
            #expect(try rows() == before)
            try sql("DELETE FROM record; INSERT INTO record SELECT * FROM kept; DROP TABLE kept")
        }
        #expect(try await store.read(session.id)?.version == 1)
        await store.close()
    }

    @Test("a lock held by another process makes calls fail as unavailable at the busy timeout")
    func timesOutWhenBusy() async throws {
        let store = try SQLiteStore(path: path, deployment: "test", busyTimeout: .milliseconds(50))
        _ = try await store.migrate(DeploymentTimings())
        let session = try StoreActor()
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN IMMEDIATE")
        }
        let error = await #expect(throws: StoreError.self) { try await session.seal(store) }
        #expect(error?.code == .unavailable)
        // Readers never wait for a writer.
        #expect(try await store.read(session.id) == nil)
        // Many calls do not wait for the lock one after the other.
        let messages = await withTaskGroup(of: String?.self) { tasks in
            for _ in 0..<60 {
                tasks.addTask {
                    do throws(StoreError) {
                        return try await store.raiseFence(of: session.id).map { "\($0)" }
                    } catch {
                        return error.code == .unavailable ? error.message : nil
                    }
                }
            }
            return await tasks.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(messages.count == 60 && messages.allSatisfy { $0 != nil })
        #expect(messages.contains { $0?.contains("earlier calls") == true })
        try await other.writeWithoutTransaction { database in try database.execute(sql: "ROLLBACK") }
        #expect(try await session.seal(store).sealed != nil)
        await store.close()
    }

    @Test("a statement that fails rolls its whole group back")
    func rollsBack() async throws {
        let store = try SQLiteStore(path: path, deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        let (one, two) = (try StoreActor("one"), try StoreActor("two"))
        _ = try await one.seal(store)
        _ = try await two.seal(store)
        try sql(
            "CREATE TRIGGER bad BEFORE UPDATE ON record WHEN old.key = x'74776f' BEGIN SELECT RAISE(ABORT, 'bad'); END")
        let error = await #expect(throws: StoreError.self) {
            try await store.execute([
                .commit(CommitRequest(writes: [one.write(.content(try content("x")))])),
                .commit(CommitRequest(writes: [two.write(.content(try content("x")))])),
            ])
        }
        #expect(error?.code == .internalError)
        #expect(try await store.read(one.id)?.version == 0)
        try sql("DROP TRIGGER bad")
        #expect(try await one.save(store, "x") == .committed)
        await store.close()
    }

    static let codes: [(ResultCode, StoreError.Code)] = [
        (.SQLITE_BUSY, .unavailable), (.SQLITE_BUSY_RECOVERY, .unavailable), (.SQLITE_LOCKED, .unavailable),
        (.SQLITE_IOERR_WRITE, .unavailable), (.SQLITE_FULL, .diskFull), (.SQLITE_CORRUPT, .corrupt),
        (.SQLITE_NOTADB, .corrupt), (.SQLITE_READONLY, .denied), (.SQLITE_READONLY_DBMOVED, .denied),
        (.SQLITE_CANTOPEN, .denied), (.SQLITE_PERM, .denied), (.SQLITE_MISUSE, .internalError),
    ]

    @Test(
        "what SQLite says before a commit keeps its meaning; a failed COMMIT never says that nothing changed",
        arguments: codes)
    func translatesErrors(found: ResultCode, code: StoreError.Code) {
        let error = DatabaseError(resultCode: found, message: "said")
        #expect(StoreError(sqlite: error, "x").code == code)
        #expect(StoreError(failedCommit: error).code == (found == .SQLITE_FULL ? .diskFull : .outcomeUnknown))
    }

    @Test("a file that was replaced under an open store takes no more saves, and the one in its place is left alone")
    func replacedFile() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("store.sqlite")
        let store = try SQLiteStore(path: path, deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        var session = try StoreActor()
        _ = try await session.seal(store)
        #expect(try await session.save(store, "kept") == .committed)
        session.version = 1
        _ = try await store.transaction(.immediate) { _ in }
        for name in ["", "-wal", "-shm"] {
            try FileManager.default.moveItem(atPath: path + name, toPath: folder.file("old.sqlite" + name))
        }
        let other = try SQLiteStore(path: path, deployment: "test")
        _ = try await other.migrate(DeploymentTimings())
        let saved = await #expect(throws: StoreError.self) { try await session.save(store, "lost") }
        #expect(saved?.code == .wrongDeployment && saved?.isAmbiguous == false)
        let read = await #expect(throws: StoreError.self) { try await store.read(session.id) }
        #expect(read?.code == .wrongDeployment)
        #expect(try await other.read(session.id) == nil)
        await other.close()
        // Put back, it goes on.
        for name in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + name)
            try FileManager.default.moveItem(atPath: folder.file("old.sqlite" + name), toPath: path + name)
        }
        #expect(try await session.save(store, "found") == .committed)
        await store.close()
    }

    @Test("a file that is replaced while a save waits for the lock does not take that save either")
    func replacedWhileWaiting() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("store.sqlite")
        let store = try SQLiteStore(path: path, deployment: "test", busyTimeout: .seconds(30))
        _ = try await store.migrate(DeploymentTimings())
        let session = try StoreActor()
        _ = try await session.seal(store)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let save = Task { try await session.save(store, "lost") }
        // By the time that these are answered the save waits; where it does not, it is refused all the same.
        for _ in 0..<100 { _ = try await store.read(session.id) }
        try FileManager.default.moveItem(atPath: path, toPath: folder.file("old.sqlite"))
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        let error = await #expect(throws: StoreError.self) { try await save.value }
        #expect(error?.code == .wrongDeployment && error?.isAmbiguous == false)
        try FileManager.default.moveItem(atPath: folder.file("old.sqlite"), toPath: path)
        #expect(try await store.read(session.id)?.version == 0)
        await store.close()
    }

    @Test("a path that cannot be looked at for now makes calls fail as unavailable, not as moved")
    func hiddenFile() async throws {
        let folder = try TemporaryFolder()
        let (home, away) = (folder.file("home"), folder.file("away"))
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: false)
        let store = try SQLiteStore(path: home + "/store.sqlite", deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        let session = try StoreActor()
        _ = try await session.seal(store)
        try FileManager.default.moveItem(atPath: home, toPath: away)
        // A loop of links: it is neither there nor missing.
        try FileManager.default.createSymbolicLink(atPath: home, withDestinationPath: home)
        let hidden = await #expect(throws: StoreError.self) { try await session.save(store, "kept") }
        #expect(hidden?.code == .unavailable)
        try FileManager.default.removeItem(atPath: home)
        let missing = await #expect(throws: StoreError.self) { try await session.save(store, "kept") }
        #expect(missing?.code == .wrongDeployment)
        try FileManager.default.moveItem(atPath: away, toPath: home)
        #expect(try await session.save(store, "kept") == .committed)
        await store.close()
    }

    @Test("a full disk is called that, leaves what is there, and the same save succeeds when there is room")
    func fullDisk() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.file("store.sqlite"), deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        var session = try StoreActor()
        _ = try await session.seal(store)
        #expect(try await session.save(store, "small") == .committed)
        session.version = 1
        func limit(_ pages: String) async throws {
            _ = try await store.transaction(.immediate) {
                try Int.fetchOne($0, sql: "PRAGMA max_page_count = \(pages)")
            }
        }
        // SQLite lifts it to what the file has.
        try await limit("1")
        let large = String((0..<100_000).map { _ in Character(UnicodeScalar(UInt8.random(in: 65...122))) })
        let saveID = RandomID.random()
        let error = await #expect(throws: StoreError.self) { try await session.save(store, large, saveID: saveID) }
        #expect(error?.code == .diskFull && error?.isRetriable == true)
        #expect(try await store.read(session.id)?.version == 1)
        try await limit("1000000")
        #expect(try await session.save(store, large, saveID: saveID) == .committed)
        #expect(try await store.read(session.id)?.version == 2)
        await store.close()
    }

    @Test("what was acknowledged is there after the handle is dropped without closing")
    func survivesReopening() async throws {
        let session = try StoreActor()
        do {
            let store = try SQLiteStore(path: path, deployment: "test")
            _ = try await store.migrate(DeploymentTimings())
            _ = try await session.seal(store)
            #expect(try await session.save(store, "kept") == .committed)
        }
        let again = try SQLiteStore(path: path, deployment: "test")
        #expect(try await again.read(session.id)?.content == content("kept"))
        await again.close()
    }

    @Test("the log is checkpointed on the way and does not grow without end")
    func checkpoints() async throws {
        let store = try SQLiteStore(path: path, deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        var generator = SeededGenerator(seed: 3)
        let noise = (0..<65_536).map { _ in UInt8.random(in: 32...126, using: &generator) }
        var actors = try (0..<16).map { try StoreActor("key\($0)") }
        _ = try await store.execute(actors.map { .seal(SealRequest(id: $0.id, token: 1, owner: $0.owner)) })
        let large = Content(payload: try Payload.encode(canonical: noise), schema: 1)
        for _ in 0..<100 {
            let replies = try await store.execute(
                actors.map { .commit(CommitRequest(writes: [$0.write(.content(large))])) }
            )
            #expect(replies.allSatisfy { $0 == .commit(.committed) })
            for index in actors.indices { actors[index].version += 1 }
        }
        // About 100 MiB were written.
        let size = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int ?? .max
        #expect(size < 80 * 1_048_576)
        await store.close()
    }

    private func sql(_ statements: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: statements) }
        try queue.close()
    }

    private func rows() throws -> [Row] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { try Row.fetchAll($0, sql: "SELECT * FROM record") }
    }
}
