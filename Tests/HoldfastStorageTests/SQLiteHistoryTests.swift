import Foundation
import GRDB
import HoldfastStorage
import Synchronization
import TestServers
import Testing

@testable import HoldfastSQLite

@Suite("SQLite: layout 3 beside older builds")
struct SQLiteHistoryTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("store.sqlite")
    }

    private func open() throws -> SQLiteStore { try SQLiteStore(path: path, deployment: "test") }

    private func run(_ sql: String, _ arguments: StatementArguments = []) throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: sql, arguments: arguments) }
    }

    private func count(_ sql: String) throws -> Int {
        try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: sql) ?? -1 }
    }

    private func key(_ actor: StoreActor) -> Data { Data(actor.id.key.bytes) }

    @Test("a store of layout 2 saves on without a history, says what it lacks, and has all of it once migrated")
    func migrates() async throws {
        let first = try open()
        _ = try await first.migrate(DeploymentTimings())
        var (one, two) = (try StoreActor("one"), try StoreActor("two"))
        for actor in [one, two] { _ = try await actor.seal(first) }
        try await one.saved(first, "old", userIDs: ["ann", "ben\u{0}x"])
        try await two.saved(first, "old")
        await first.close()
        try LayoutHistory.remove(downTo: 2, path)
        try run("UPDATE record SET updated_at = updated_at - 3600000")

        let (store, beside) = (try open(), try open())
        let sealed = try #require(await one.seal(store).sealed)
        #expect(sealed.generation == 0 && sealed.version == 1)
        // What a session of this build sends with every save asks for nothing that layout 2 lacks.
        var save = CommitRequest(writes: [one.write(.content(try content("new", userIDs: ["ann"])))], generation: 0)
        #expect(try await store.commit(save) == .committed)
        one.version = 2
        save = CommitRequest(writes: [one.write(.content(try content("never")))], generation: 3)
        var parts = one.write(.content(try content("never")))
        parts.parts = [try part("a")]
        var keeps = parts
        (keeps.parts, keeps.keeps) = ([], .always(reason: "x"))
        let decision = Decision(trade: .random(), verdict: .aborted)
        let id = one.id
        let writes = [parts, keeps]
        let calls: [@Sendable (SQLiteStore) async throws -> Void] = [
            { [save] in _ = try await $0.commit(save) }, { _ = try await $0.commit([writes[0]]) },
            { _ = try await $0.commit([writes[1]]) }, { _ = try await $0.decide(decision.trade, .aborted) },
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
        #expect(try await store.settleRestore(from: .start).records == 2)

        let deployment = try await beside.migrate(DeploymentTimings())
        #expect(deployment.schema == 3 && deployment.minimumReader == 1 && deployment.generation == 0)
        _ = try await beside.migrate(DeploymentTimings())
        // The other handle, which looked before, finds what was there and keeps from now on.
        #expect(try await store.records(of: "ann") == [one.id])
        #expect(try await store.records(of: "ben").isEmpty)
        one = one.rival(token: 9)
        one.version = try #require(await one.seal(store).sealed?.version)
        try run("UPDATE record SET updated_at = updated_at - 3600000")
        try await one.saved(store, "newer", userIDs: ["cat"], parts: [part("a")])
        #expect(try await store.kept(one.id).map(\.version) == [2])
        #expect(try await store.records(of: "ann").isEmpty)
        for store in [store, beside] { await store.close() }
    }

    @Test("what a build of layout 2 saves is found by its people, and what it deletes leaves no parts")
    func followsOldBuilds() async throws {
        let store = try open()
        _ = try await store.migrate(DeploymentTimings())
        var (one, two) = (try StoreActor("one"), try StoreActor("two"))
        for actor in [one, two] { _ = try await actor.seal(store) }
        try await one.saved(store, "new", userIDs: ["ann"], parts: [part("a")])
        try await two.saved(store, "new", userIDs: ["ann"], parts: [part("a")])

        let saveID = RandomID.random().data
        try run(LayoutHistory.save, [saveID, 1, #"["ben","b\u00e9"]"#, Data([0]), key(one)])
        #expect(try await store.records(of: "ann") == [two.id])
        #expect(try await store.records(of: "b\u{e9}") == [one.id])
        // It does not know of parts: they stay with the version that wrote them.
        #expect(try await store.parts(of: one.id).map(\.version) == [1])
        try run(LayoutHistory.delete, [saveID, 1, key(one)])
        #expect(try await store.records(of: "ben").isEmpty)
        #expect(try await store.parts(of: one.id).isEmpty)
        #expect(try count("SELECT count(*) FROM part") == 1)
        #expect(try count("SELECT count(*) FROM record_user") == 1)
        try run(LayoutHistory.save, [saveID, 1, "[]", Data([0]), key(one)])
        #expect(try await store.parts(of: one.id).isEmpty)

        try run(LayoutHistory.deliver, [key(one)])
        #expect(try await store.pendingOperations(of: [one.id]).count == 1)
        #expect(try count("SELECT count(*) FROM operation WHERE expires_at IS NULL AND due_at IS NULL") == 1)
        await store.close()
    }

    @Test("a save that changes no people and keeps nothing is one statement")
    func staysOneStatement() async throws {
        let store = try open()
        _ = try await store.migrate(DeploymentTimings())
        var session = try StoreActor()
        _ = try await session.seal(store)
        try await session.saved(store, "one", userIDs: ["ann"])
        let seen = Mutex<[String]>([])
        try await store.transaction(.immediate) { database in
            database.trace(options: .statement) { event in
                guard case .statement(let statement) = event else { return }
                // SQLite names triggers in comments, even those whose condition does not hold.
                seen.withLock { if !statement.sql.hasPrefix("--") { $0.append(statement.sql) } }
            }
        }
        seen.withLock { $0 = [] }
        try await session.saved(store, "two", userIDs: ["ann"])
        let words = seen.withLock { $0.map { $0.prefix { $0 != " " } } }
        #expect(words == ["BEGIN", "UPDATE", "COMMIT"])
        await store.close()
    }

    @Test("rows whose people are no list are looked after all the same")
    func survivesOddPeople() async throws {
        let store = try open()
        _ = try await store.migrate(DeploymentTimings())
        var session = try StoreActor()
        _ = try await session.seal(store)
        try await session.saved(store, "one", userIDs: ["ann"])
        for odd in ["no list", #"{"a":"b"}"#, #"["ann",7,["ben"]]"#] {
            try run("UPDATE record SET user_ids = ?", [odd])
        }
        try await session.saved(store, "two", userIDs: ["cat"])
        #expect(try await store.records(of: "cat") == [session.id])
        #expect(try count("SELECT count(*) FROM record_user") == 1)
        await store.close()
    }
}
