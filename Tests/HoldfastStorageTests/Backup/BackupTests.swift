import Foundation
import TestServers
import Testing

@testable import HoldfastStorage

@Suite("Every store: backups", .timeLimit(.minutes(10)))
struct BackupTests {
    @Test(
        "everything that one store holds is what another holds after a restore, and nothing else",
        arguments: [
            (StoreKind.memory, StoreKind.sqlite), (.sqlite, .postgres), (.postgres, .pgbouncer), (.pgbouncer, .memory),
        ])
    func crosses(source: StoreKind, target: StoreKind) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("fleet.backup")
        let (expected, written, generation) = try await withBackupStore(source) { store in
            try await BackupContents.fill(store)
            let generation = try await store.bumpGeneration()
            let written = try await store.backUp(to: path)
            return (try await BackupContents.inventory(store, isRestored: false), written, generation)
        }
        #expect(BackupTable.allCases.allSatisfy { written.rows[$0, default: 0] > 0 })
        #expect(try await Backup.verify(path) == written)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["fleet.backup"])
        try await withBackupStore(target) { store in
            // All of this goes, but for the erasure that the store remembers.
            var old = try StoreActor("owned")
            _ = try await old.seal(store)
            try await old.saved(store, "old", parts: [part("9:9")])
            var stray = try StoreActor("stray")
            _ = try await stray.seal(store)
            try await stray.saved(store, "stray")
            _ = try await store.append([entry("old")], to: try SpaceName("queue:old"))
            _ = try await store.submit(try score("old", 1, in: try SpaceName("board:arena")))
            let before = try await store.deployment()
            let plan = try await store.planRestore(of: try await Backup.verify(path))
            #expect(plan.replaces && plan.id == before.id && plan.backup == written)
            let summary = try await store.restore(from: path, plan: plan)
            #expect(summary.backup == written && summary.erasedRecords == 0)
            #expect(try await BackupContents.inventory(store, isRestored: true) == expected)

            let after = try await store.deployment()
            #expect(after.generation > generation && after.generation == summary.identity.generation)
            #expect(after.id == before.id && after.timings == before.timings)
            var late = CommitRequest(writes: [old.write(.content(try content("late")))], generation: before.generation)
            #expect(try await store.execute([.commit(late)]) == [.commit(.storeRestored)])
            late.generation = nil
            #expect(try await store.execute([.commit(late)]) != [.commit(.committed)])

            // It is a store to work with.
            var next = try StoreActor("owned", token: 50)
            let sealed = try #require(try await next.seal(store).sealed)
            #expect(sealed.generation == after.generation && sealed.version == 2)
            next.version = sealed.version
            try await next.saved(store, "new", parts: [part("0:0", "new")])
            let log = try SpaceName("queue:orders")
            #expect(try await store.append([entry("next")], to: log).sequences == [4])
            #expect(try await store.submit(try score("dan", 5, in: try SpaceName("board:arena"))).row?.change == 5)
            #expect(try await store.deliver(try delivery("applied", to: StoreActor("busy").id)) == .duplicate(.applied))
            let pending = try await store.pendingOperations(of: [StoreActor("busy").id])
            #expect(pending.map(\.id.description) == ["pending", "stepped", "late"])
            #expect(pending[1].progress != nil && pending[2].expiresAtMillis != nil)
        }
    }

    @Test(
        "an empty deployment of the same name takes the place of the one that was lost", arguments: [StoreKind.sqlite])
    func takesPlace(kind: StoreKind) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.backup")
        let id = try await withBackupStore(kind) { store in
            try await BackupContents.fill(store)
            _ = try await store.backUp(to: path)
            return try await store.deployment().id
        }
        try await withBackupStore(kind) { store in
            let plan = try await store.planRestore(of: try await Backup.verify(path))
            #expect(!plan.replaces && plan.id == id && plan.target.id != id)
            _ = try await store.restore(from: path, plan: plan)
            #expect(try await store.deployment().id == id)
        }
    }

    @Test(
        "a snapshot sees a trade with both sides or not at all, however late it reads the second",
        arguments: StoreKind.allCases)
    func isConsistent(kind: StoreKind) async throws {
        try await withBackupStore(kind) { store in
            var players = try ["a", "z"].map { try StoreActor($0) }
            var coins = [100, 0]
            func save(_ actors: [Int]) async throws {
                let writes = try actors.map { players[$0].write(.content(try content("\(coins[$0])"))) }
                guard try await store.commit(writes) == .committed else { throw Unexpected() }
                for actor in actors { players[actor].version += 1 }
            }
            // Stores read in the order in which rows came; the two are on different pages.
            _ = try await players[0].seal(store)
            for index in 0..<22 {
                let session = try StoreActor("m\(index)")
                _ = try await session.seal(store)
                let noise = (0..<3_750).map { _ in "\(RandomID.random())" }.joined()
                _ = try await session.save(store, noise)
            }
            _ = try await players[1].seal(store)
            try await save([0, 1])
            let snapshot = try await store.openSnapshot()
            var (found, pages): ([String], Int) = ([], 0)
            while let rows = try await snapshot.next() {
                pages += 1
                (coins[0], coins[1]) = (coins[0] - 1, coins[1] + 1)
                try await save([0, 1])
                for row in rows where row.table == .record {
                    let id = try row.record()
                    guard players.contains(where: { $0.id == id }) else { continue }
                    let payload = Payload(
                        bytes: try row.bytes("payload"), checksum: UInt64(bitPattern: try row.integer("checksum")),
                        documentBytes: Int(try row.integer("document_bytes")))
                    found.append("\(id.key) \(String(decoding: try payload.document(), as: UTF8.self))")
                }
            }
            await snapshot.close()
            #expect(pages >= 2)
            #expect(found.sorted() == [#"a {"text":"100"}"#, #"z {"text":"0"}"#])
        }
    }

    @Test("a page has about 1 MiB, though large rows follow small ones", arguments: StoreKind.allCases)
    func pageSizes(kind: StoreKind) async throws {
        try await withBackupStore(kind) { store in
            let log = try SpaceName("queue:large")
            _ = try await store.append((0..<20).map { _ in entry() }, to: log)
            let text = String(repeating: "x", count: 60_000)
            for _ in 0..<4 { _ = try await store.append((0..<20).map { _ in entry(text) }, to: log) }
            let snapshot = try await store.openSnapshot()
            var (sizes, sequences): ([Int], [Int64]) = ([], [])
            while let rows = try await snapshot.next() {
                sizes.append(rows.reduce(0) { $0 + $1.size })
                for row in rows where row.table == .entry { sequences.append(try row.integer("sequence")) }
            }
            await snapshot.close()
            #expect(sizes.allSatisfy { $0 < 2 * BackupPage.bytes })
            #expect(sequences.sorted() == Array(1...100))
        }
    }

    @Test("a restore that ends half way leaves everything as it was", arguments: StoreKind.allCases)
    func abandons(kind: StoreKind) async throws {
        try await withBackupStore(kind) { store in
            try await BackupContents.fill(store)
            let before = try await BackupContents.inventory(store, isRestored: false)
            let deployment = try await store.deployment()
            let replacement = try await store.beginReplacement()
            let row = BackupRow(.decision, [.blob(RandomID.random().bytes), .text("committed"), .integer(1)])
            try await replacement.add([row])
            await replacement.abandon()
            #expect(try await BackupContents.inventory(store, isRestored: false) == before)
            #expect(try await store.deployment() == deployment)

            let other = try await store.beginReplacement()
            let stray = BackupRow(
                .entry,
                [
                    .integer(99), .integer(1), .blob(RandomID.random().bytes), .real(0), .integer(1), .null,
                    .blob([1]),
                ])
            await #expect {
                try await other.add([stray])
            } throws: { ($0 as? StoreError)?.code == .corrupt }
            await other.abandon()
            #expect(try await BackupContents.inventory(store, isRestored: false) == before)
        }
    }

    @Test(
        "who was erased after a backup stays erased, and what came after the erasure stays",
        arguments: [
            StoreKind.memory, .sqlite, .postgres,
        ])
    func erasures(kind: StoreKind) async throws {
        let folder = try TemporaryFolder()
        try await withBackupStore(kind) { store in
            var (ann, bob) = (try StoreActor("ann"), try StoreActor("bob"))
            for actor in [ann, bob] { _ = try await actor.seal(store) }
            try await ann.saved(store, "secret", userIDs: ["ann"], parts: [part("0:0")])
            _ = try await store.keepCurrent(of: ann.id, reason: "a test")
            _ = try await store.deliver(try delivery("gift", to: ann.id))
            try await bob.saved(store, "public", userIDs: ["bob"])
            let logs = [ann, bob].compactMap(\.id.quarantineLog)
            for log in logs { _ = try await store.append([entry("damaged")], to: log) }
            _ = try await store.backUp(to: folder.file("before"))

            try await store.rememberErasure(ofUser: "ann")
            #expect(try await store.erase(ann.id))
            // A millisecond later at least: the person came back.
            let erasedAt = try #require(try await store.erasures(after: nil, limit: 1).first).rememberedAtMillis
            _ = await eventually { WallClock.milliseconds() > erasedAt + 5 }
            var again = ann.rival(token: 90)
            again.version = try #require(try await again.seal(store).sealed).version
            try await again.saved(store, "new", userIDs: ["ann"])
            _ = try await store.backUp(to: folder.file("after"))

            let plan = try await store.planRestore(of: try await Backup.verify(folder.file("after")))
            #expect(try await store.restore(from: folder.file("after"), plan: plan).erasedRecords == 0)
            #expect(try await store.read(ann.id)?.content?.userIDs == ["ann"])

            let first = try await store.planRestore(of: try await Backup.verify(folder.file("before")))
            let summary = try await store.restore(from: folder.file("before"), plan: first)
            #expect(summary.erasedRecords == 1 && summary.erasedNames == [ann.id.key])
            let row = try #require(try await store.read(ann.id))
            #expect(row.content == nil && row.version == 2 && row.owner == nil)
            #expect(try await store.parts(of: ann.id).isEmpty)
            #expect(try await store.kept(ann.id).isEmpty)
            #expect(try await store.logs("quarantine:").map(\.name) == [logs[1]])
            #expect(try await store.page(of: logs[1])?.entries.count == 1)
            let operation = try #require(try await store.operation(try OperationID("gift"), of: ann.id))
            #expect(operation.state == .cancelled && operation.payload.isEmpty)
            #expect(try await store.records(of: "ann").isEmpty)
            #expect(try await store.records(of: "bob") == [bob.id])
            #expect(try await store.erasures(after: nil, limit: 10).map(\.userID) == ["ann"])
        }
    }

    @Test("what PostgreSQL is asked to write during a restore waits for its end, and comes on top of it")
    func holdsWriters() async throws {
        let server = try await SharedPostgres.server()
        try await withBackupStore(.postgres) { store in
            let session = try StoreActor("late")
            let before = try await store.deployment()
            let replacement = try await store.beginReplacement()
            let delivering = Task { try await store.deliver(delivery("late", to: session.id)) }
            #expect(await eventually { (try? server.query("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1")) == "1" })
            let identity = RestoredIdentity(
                id: before.id, generation: before.generation + 1, timings: before.timings)
            try await replacement.commit(identity)
            #expect(try await delivering.value == .delivered)
            #expect(try await store.pendingOperations(of: [session.id]).count == 1)
            #expect(try await store.deployment().generation == identity.generation)
        }
    }

    @Test("a restore that is committed after its answer was lost is waited for")
    func commitsLate() async throws {
        let folder = try TemporaryFolder()
        let inner = InMemoryStore(deployment: "test")
        _ = try await inner.migrate(DeploymentTimings())
        _ = try await inner.backUp(to: folder.file("a.backup"))
        let store = LateStore(inner)
        let plan = try await store.planRestore(of: try await Backup.verify(folder.file("a.backup")))
        let summary = try await store.restore(from: folder.file("a.backup"), plan: plan)
        let found = try await inner.deployment()
        #expect(found.generation == summary.identity.generation)
    }

    private func eventually(_ condition: () -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while !condition(), ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(1)) }
        return condition()
    }
}

/// Loses the answer to a restore's commit, which takes effect between the first look and the second.
private final class LateStore: StoreRelay, BackupStore {
    let store: any DurableStore
    private let inner: InMemoryStore

    init(_ inner: InMemoryStore) {
        store = inner
        self.inner = inner
    }

    func relay<Result: Sendable>(
        _ call: StoreCall, of record: RecordID?, _ body: (any DurableStore) async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await body(store)
    }

    func openSnapshot() async throws(StoreError) -> any StoreSnapshot {
        try await inner.openSnapshot()
    }

    func beginReplacement() async throws(StoreError) -> any StoreReplacement {
        LateReplacement(try await inner.beginReplacement())
    }
}

private final class LateReplacement: StoreReplacement {
    private let inner: any StoreReplacement

    init(_ inner: any StoreReplacement) {
        self.inner = inner
    }

    func add(_ rows: [BackupRow]) async throws(StoreError) {
        try await inner.add(rows)
    }

    func commit(_ identity: RestoredIdentity) async throws(StoreError) {
        Task { [inner] in
            try? await Task.sleep(for: .seconds(2))
            try? await inner.commit(identity)
        }
        throw StoreError(.outcomeUnknown, "the answer was lost")
    }

    func abandon() async {}
}
