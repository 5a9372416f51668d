import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Synchronization
import Testing

@Suite("Erasing a person", .timeLimit(.minutes(2)))
struct ErasureTests {
    /// Notes under which names it was asked to erase.
    private final class NotingBoards: ScoreBoards {
        private let asked = Mutex<[(names: [Key], removing: Bool)]>([])
        var calls: [(names: [Key], removing: Bool)] { asked.withLock { $0 } }
        func follow(_ board: String) async throws(StoreError) {}
        func projectionTargets(of board: String) -> [ProjectionTarget]? { nil }
        func projected(to tables: Set<SpaceName>) {}
        func erase(_ names: [Key], removing: Bool) async throws(StoreError) -> ErasedScores {
            asked.withLock { $0.append((names, removing)) }
            return ErasedScores(scores: names.count)
        }
    }

    private func save(_ key: String, of userIDs: [String], on server: Server) async throws {
        try await server.players.withSession(for: Key(key)) { session in
            try session.setUserIDs(userIDs)
            try session.edit { $0.coins += 7 }
        }
    }

    @Test("everything that names the person goes, and what others have stays")
    func erases() async throws {
        let fleet = try await Fleet()
        let boards = NotingBoards()
        let server = try await fleet.server("a") { $0.boards = boards }
        for (key, people) in [("1", ["ann"]), ("2", ["ben"]), ("3", ["ann", "ben"]), ("old", ["ann"])] {
            try await save(key, of: people, on: server)
        }
        let old = RecordID(collection: server.players.name, key: try Key("old"))
        _ = try await fleet.store.keepCurrent(of: old, reason: "test")
        try await save("old", of: [], on: server)

        let eraser = UserEraser(store: fleet.store, backend: fleet.backend, boards: boards)
        let preview = try await eraser.preview(userID: "ann")
        #expect(preview.records.map(\.id.key.description) == ["1", "3"])
        #expect(preview.records.map(\.isShared) == [false, true] && preview.records.allSatisfy { !$0.wasOpen })
        #expect(preview.names.map(\.description) == ["ann", "1"] && preview.scores.scores == 2)
        #expect(try await server.players.read(Key("1"))?.document.coins == 7)
        #expect(boards.calls.allSatisfy { !$0.removing })

        let report = try await server.coordinator.erase(userID: "ann")
        #expect(report.records.map(\.id.key.description) == ["1", "3"] && report.historyVersions == 1)
        #expect(boards.calls.suffix(2).allSatisfy { $0.removing && $0.names.map(\.description) == ["ann", "1"] })
        for key in ["1", "3"] { #expect(try await server.players.read(Key(key)) == nil) }
        #expect(try await server.players.read(Key("2"))?.document.coins == 7)
        #expect(try await server.players.read(Key("old"))?.document.coins == 14)
        #expect(try await fleet.store.history(of: old, before: nil, limit: 10).isEmpty)
        #expect(try await fleet.store.erasures(after: nil, limit: 10).map(\.userID) == ["ann"])

        let again = try await server.coordinator.erase(userID: "ann")
        #expect(again.records.isEmpty && again.historyVersions == 0)
        let error = await #expect(throws: ProfileError.self) { try await server.coordinator.erase(userID: "") }
        #expect(error?.code == .badInput)
        try await server.drain()
    }

    @Test("a live session ends as deleted, can save nothing, and leaves no copy behind")
    func liveSession() async throws {
        let fleet = try await Fleet(
            timings: DeploymentTimings(leaseMillis: 600_000, renewMillis: 200_000, beatMillis: 40))
        let (server, other) = (try await fleet.server("a"), try await fleet.server("b"))
        let session = try await server.players.open(Key("1"))
        try session.setUserIDs(["ann"])
        try session.edit { $0.coins = 7 }
        try await session.save()
        try await server.players.withSession(for: Key("2")) { session in try session.setUserIDs(["ann"]) }

        let report = try await other.coordinator.erase(userID: "ann")
        #expect(report.records.map(\.wasOpen) == [true, false] && report.endedSessions == 1)
        #expect(report.silentServers.isEmpty)
        #expect(await session.waitUntilEnded() == .deleted)
        await #expect(throws: ProfileError.self) { try await session.save() }
        #expect(try await fleet.backend.inspect(session.id) == nil)
        for key in ["1", "2"] {
            let id = RecordID(collection: server.players.name, key: try Key(key))
            let owner = Owner(nonce: .random(), server: "c", boot: .random())
            let reply = try await fleet.backend.acquire(AcquireRequest(id: id, owner: owner, lease: .seconds(60)))
            guard case .acquired(_, let hot, _) = reply else {
                Issue.record("the lease is not free: \(reply)")
                return
            }
            #expect(hot == nil)
            _ = try await fleet.backend.release(LeaseClaim(id: id, nonce: owner.nonce), hot: nil)
        }
        let fresh = try await server.players.open(Key("1"))
        #expect(fresh.document == Player())
        try await fresh.close()
        for server in [server, other] { try await server.drain() }
    }

    @Test("what was cut short is finished by repeating it, boards under all names included")
    func cutShort() async throws {
        let inner = InMemoryStore(deployment: "test")
        let fails = Flag()
        let store = FailingStore(inner) { call in
            guard fails.value, case .erase = call.kind else { return .none }
            return .before()
        }
        let fleet = try await Fleet(store: store)
        let server = try await fleet.server("a")
        for key in ["1", "2"] { try await save(key, of: ["ann"], on: server) }
        let boards = NotingBoards()
        let eraser = UserEraser(store: store, backend: fleet.backend, boards: boards)
        fails.value = true
        await #expect(throws: ProfileError.self) { try await eraser.erase(userID: "ann") }
        // It is remembered and the boards are done before the records go, which alone tell these names.
        #expect(try await inner.erasures(after: nil, limit: 10).count == 1)
        #expect(boards.calls.map { $0.names.map(\.description) } == [["ann", "1", "2"]])
        fails.value = false
        #expect(try await eraser.erase(userID: "ann").records.count == 2)
        #expect(try await inner.records(ofUser: "ann", after: nil, limit: 10).isEmpty)
        try await server.drain()
    }

    @Test("whoever is killed right after a record was emptied leaves neither damaged parts nor a copy behind")
    func killed() async throws {
        let inner = InMemoryStore(deployment: "test")
        let store = FailingStore(inner) { call in
            guard case .erase = call.kind else { return .none }
            return .after()
        }
        let fleet = try await Fleet(store: store)
        let server = try await fleet.server("a")
        try await save("1", of: ["ann"], on: server)
        let id = RecordID(collection: server.players.name, key: try Key("1"))
        let log = try #require(RepairReceipt.quarantineLog(of: id))
        _ = try await inner.execute([.append(AppendRequest(log: log, entries: [.init(id: .random(), value: [1])]))])
        let eraser = UserEraser(store: store, backend: fleet.backend, boards: nil)
        await #expect(throws: ProfileError.self) { try await eraser.erase(userID: "ann") }
        let (record, page) = (try await inner.read(id), try await inner.entries(of: log, after: 0, limit: 1))
        #expect(record?.content == nil && page == nil)
        let owner = Owner(nonce: .random(), server: "c", boot: .random())
        let reply = try await fleet.backend.acquire(AcquireRequest(id: id, owner: owner, lease: .seconds(60)))
        guard case .acquired(_, let hot, _) = reply else {
            Issue.record("the lease is not free: \(reply)")
            return
        }
        #expect(hot == nil)
        _ = try await fleet.backend.release(LeaseClaim(id: id, nonce: owner.nonce), hot: nil)
        try await server.drain()
    }

    @Test("a server that does not answer is named, and its lease is gone all the same")
    func silent() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        try await save("1", of: ["ann"], on: server)
        let id = RecordID(collection: server.players.name, key: try Key("1"))
        let owner = Owner(nonce: .random(), server: "silent", boot: .random())
        _ = try await fleet.backend.beat(
            ServerBeat(server: "silent", boot: owner.boot, number: 1), timeToLive: .seconds(600))
        guard
            case .acquired(let token, _, _) = try await fleet.backend.acquire(
                AcquireRequest(id: id, owner: owner, lease: .seconds(600)))
        else { throw CancellationError() }
        _ = try await fleet.store.execute([.seal(SealRequest(id: id, token: token, owner: owner))])
        let eraser = UserEraser(
            store: fleet.store, backend: fleet.backend, boards: nil, patience: .milliseconds(50))
        let report = try await eraser.erase(userID: "ann")
        #expect(report.silentServers == ["silent"] && report.endedSessions == 0)
        #expect(try await fleet.backend.inspect(id) == nil)
        try await server.drain()
    }
}
