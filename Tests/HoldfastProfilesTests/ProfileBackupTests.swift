import HoldfastStorage
import Synchronization
import Testing

@testable import HoldfastProfiles

@Suite("Periodic backups of profiles", .timeLimit(.minutes(10)))
struct ProfileBackupTests {
    private func duty(
        _ server: Server, keep: Int, every: Duration = .seconds(3_600), in store: (any DurableStore)? = nil
    ) -> BackupDuty {
        let host = server.coordinator.host
        let policy = BackupPolicy(every: every, keep: keep, in: store)
        let vault = BackupVault(store ?? host.store, owner: host.identity.owner(nonce: .random()))
        return BackupDuty(
            policy: policy, store: host.store, vault: vault, metrics: host.metrics, diagnostics: host.diagnostics)
    }

    private func save(_ coins: Int, _ server: Server, _ key: Key = Key(1)) async throws {
        try await server.players.withSession(for: key) { try $0.edit { $0.coins = coins } }
    }

    private func coins(_ backups: [ProfileBackup]) throws -> [Int64?] {
        try backups.map { try $0.document()["coins"]?.int64 }
    }

    @Test("each round copies what was saved, and the newest copies stay", arguments: [false, true])
    func keepsNewest(second: Bool) async throws {
        let other = InMemoryStore(deployment: "copies")
        _ = try await other.migrate(DeploymentTimings())
        // Rounds are taken by hand: the server's own first one is due a renewal after its start.
        let fleet = try await Fleet(
            timings: DeploymentTimings(leaseMillis: 60_000, renewMillis: 20_000, beatMillis: 40))
        let server = try await fleet.server("a") { configuration in
            configuration.backups = BackupPolicy(every: .seconds(86_400 * 365), in: second ? other : nil)
        }
        let id = RecordID(collection: try CollectionName("players"), key: Key(1))
        let duty = duty(server, keep: 3, every: .milliseconds(10), in: second ? other : nil)
        var now = WallClock.milliseconds() + 60_000
        for coins in 1...5 {
            try await save(coins, server)
            try await duty.turn(now: now)
            now += 10
            // Nothing was saved since.
            try await duty.turn(now: now)
            now += 10
        }
        var backups = try await server.players.backups(of: Key(1))
        #expect(try coins(backups) == [5, 4, 3])
        try #require(backups.map(\.version) == [5, 4, 3] && backups.allSatisfy { $0.id == id })
        #expect(try await server.players.backups(of: Key(2)).isEmpty)

        let receipt = try await server.players.restore(Key(1), from: backups[2])
        #expect(receipt.restored == 3 && receipt.version == 6 && receipt.replaced == 5)
        #expect(try await server.players.read(Key(1))?.document.coins == 3)
        await #expect {
            try await server.players.restore(Key(2), from: backups[2])
        } throws: { ($0 as? ProfileError)?.code == .badInput }

        // Fewer are kept from now on.
        let thrifty = self.duty(server, keep: 1, every: .milliseconds(10), in: second ? other : nil)
        try await thrifty.turn(now: now)
        backups = try await server.players.backups(of: Key(1))
        #expect(backups.map(\.version) == [6])
        try await server.drain()
    }

    @Test("once fewer copies are kept, the newest ones stay from round to round")
    func keepsFewer() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        var now = WallClock.milliseconds() + 60_000
        for coins in 1...8 {
            try await save(coins, server)
            try await duty(server, keep: coins <= 5 ? 5 : 3, every: .milliseconds(10)).turn(now: now)
            now += 10
        }
        let left = try coins(await server.players.backups(of: Key(1)))
        #expect(left == [8, 7, 6])
        try await server.drain()
    }

    @Test(
        "a copy of many parts is none before its last commit; its place is taken again, and then what differs"
    )
    func manyParts() async throws {
        let store = InMemoryStore(deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        let owner = Owner(nonce: .random(), server: "a", boot: .random())
        let id = RecordID(collection: try CollectionName("worlds"), key: Key(1))
        _ = try await store.execute([.seal(SealRequest(id: id, token: 1, owner: owner))])
        func save(over version: Int64, _ parts: [PartWrite]) async throws -> WholeRecord {
            let content = Content(payload: try Payload.encode(canonical: Array("{}".utf8)), schema: 1)
            let write = RecordWrite(
                id: id, fence: 1, nonce: owner.nonce, version: version, saveID: .random(), change: .content(content),
                parts: parts)
            _ = try await store.execute([.commit(CommitRequest(writes: [write]))])
            let whole = try await store.whole(id)
            return try #require(whole)
        }
        func part(_ number: Int, _ byte: UInt8?) throws -> PartWrite {
            PartWrite(name: try PartName("\(number)"), payload: byte.map { PartPayload([$0]) })
        }
        var whole = try await save(over: 0, (0..<1_500).map { try part($0, 1) })

        // A seal, a commit that arrives, and the last one, which does not.
        let groups = Mutex(0)
        let breaks = FailingStore(store) { call in
            guard call.isGroup else { return .none }
            return groups.withLock { groups in
                groups += 1
                return groups == 3 ? .before() : .none
            }
        }
        await #expect(throws: StoreError.self) { try await BackupVault(breaks, owner: owner).add(whole, keep: 2) }
        let written = Mutex<[Int]>([])
        let watched = FailingStore(store) { call in
            guard case .execute(let group) = call.kind, case .commit(let commit)? = group.first else { return .none }
            written.withLock { $0.append(commit.writes[0].parts.count) }
            return .none
        }
        let vault = BackupVault(watched, owner: owner)
        #expect(try await vault.backups(of: id).isEmpty)
        let place = try await vault.add(whole, keep: 2)
        let copy = try #require(await vault.backups(of: id).first)
        #expect(copy.parts == 1_500 && copy.place == place)
        let copied = try await vault.parts(of: copy)
        #expect(copied?.map(\.payload) == whole.parts.map(\.payload))
        let places = try await store.list(
            CollectionName(BackupVault.collection), startingWith: [], after: nil, limit: 9)
        // The rest of the first try, and the note; then what differs, and the note.
        #expect(places.count == 1)
        let first = written.withLock { $0 }
        #expect(first == [501])
        whole = try await save(over: 1, [part(7, 2), part(8, nil)])
        _ = try await vault.add(whole, keep: 1)
        let all = written.withLock { $0 }
        #expect(all == [501, 3])
        let newer = try #require(await vault.backups(of: id).first)
        #expect(newer.version == 2 && newer.parts == 1_499)
        await #expect { try await vault.parts(of: copy) } throws: { ($0 as? StoreError)?.code == .notFound }
    }

    @Test("a copy that gives its place to a newer one while it is read is left out, not mixed with that")
    func replacedMeanwhile() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let id = RecordID(collection: try CollectionName("players"), key: Key(1))
        try await save(1, server)
        try await duty(server, keep: 1).turn()
        try await save(2, server)
        let read = try await fleet.store.whole(id)
        let newer = try #require(read)
        let vault = server.coordinator.host.backupVault
        let isFirst = Mutex(true)
        let store = FailingStore(fleet.store) { call in
            guard case .read = call.kind else { return .none }
            let replaces = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            if replaces { _ = try? await vault.add(newer, keep: 1) }
            return .none
        }
        #expect(try await BackupVault(store, owner: vault.owner).backups(of: id).isEmpty)
        let left = try coins(await vault.backups(of: id))
        #expect(left == [2])
        try await server.drain()
    }

    @Test("the note of a build that copied no parts does not speak of any")
    func olderNote() throws {
        let bytes = Array(#"{"version":3,"writtenAtMillis":5}"#.utf8)
        let part = Part(name: try PartName(CopyNote.name), version: 9, payload: PartPayload(bytes))
        let note = try #require(CopyNote(part))
        #expect(note.version == 3 && note.writtenAt == 5 && note.parts == nil)
    }

    @Test("a copy of a profile that was erased while it was made goes again")
    func erasedMeanwhile() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        try await save(7, server)
        let (inner, id) = (fleet.store, RecordID(collection: try CollectionName("players"), key: Key(1)))
        let store = FailingStore(inner) { call in
            if call.isGroup { _ = try? await inner.erase(id) }
            return .none
        }
        try await duty(server, keep: 3, in: store).turn(now: WallClock.milliseconds() + 60_000)
        let (source, copies) = (try await inner.read(id), try await server.players.backups(of: Key(1)))
        #expect(source?.content == nil && copies.isEmpty)
        try await server.drain()
    }

    @Test("a copy in a second store does not bring back who was erased since")
    func erasedSince() async throws {
        let other = InMemoryStore(deployment: "copies")
        _ = try await other.migrate(DeploymentTimings())
        let fleet = try await Fleet()
        let server = try await fleet.server("a") {
            $0.backups = BackupPolicy(every: .milliseconds(20), keep: 2, in: other)
        }
        try await server.players.withSession(for: Key(1)) { session in
            try session.setUserIDs(["ada"])
            try session.edit { $0.coins = 7 }
        }
        #expect(await eventually { (try? await server.players.backups(of: Key(1)).first) != nil })
        let copy = try #require(await server.players.backups(of: Key(1)).first)
        #expect(copy.content.userIDs == ["ada"])
        _ = try await server.coordinator.erase(userID: "ada")
        await #expect {
            try await server.players.restore(Key(1), from: copy)
        } throws: { ($0 as? ProfileError)?.code == .notFound }
        let left = try await fleet.store.read(copy.id)
        #expect(left?.content == nil)
        try await server.drain()
    }

    @Test("a round goes on where another server stopped, and a new one waits for its time")
    func goesOn() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        for key in 1...3 { try await save(key, server, Key(key)) }
        let duty = duty(server, keep: 2)
        let now = WallClock.milliseconds()
        var round = BackupRound(startedAt: now, since: .min)
        round.after = RecordID(collection: try CollectionName("players"), key: Key(2))
        _ = try await fleet.store.putDefinition(
            try SpaceName("holdfast:backup"), value: try CanonicalJSON.write(round.document), ifVersion: 0)
        try await duty.turn(now: now + 1)
        var counts: [Int] = []
        for key in 1...3 { counts.append(try await server.players.backups(of: Key(key)).count) }
        #expect(counts == [0, 0, 1])
        try await save(9, server, Key(3))
        try await duty.turn(now: now + 3_599_999)
        #expect(try await server.players.backups(of: Key(3)).count == 1)
        try await duty.turn(now: now + 3_600_000)
        #expect(try await server.players.backups(of: Key(3)).count == 2)
        #expect(try await server.players.backups(of: Key(1)).count == 1)
        try await server.drain()
    }

    @Test("a round that was stopped is taken up, a finished one is followed after its time")
    func rounds() throws {
        let first = try #require(BackupRound.next(after: nil, every: 1_000, now: 50))
        #expect(first == BackupRound(startedAt: 50, since: .min))
        #expect(BackupRound.next(after: first, every: 1_000, now: 9_000) == first)
        var over = first
        over.isOver = true
        #expect(BackupRound.next(after: over, every: 1_000, now: 1_049) == nil)
        let second = try #require(BackupRound.next(after: over, every: 1_000, now: 1_050))
        #expect(second == BackupRound(startedAt: 1_050, since: 50 - BackupRound.slackMillis))
        #expect(BackupRound(second.document) == second && BackupRound(over.document) == over)
        // Nothing could be counted back from it.
        #expect(BackupRound(["startedAt": .integer(.min), "since": 0, "over": true]) == nil)
    }

    @Test("the fleet copies by itself, and any server finds the copies")
    func byItself() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a") { $0.backups = BackupPolicy(every: .milliseconds(20), keep: 2) }
        let b = try await fleet.server("b") { $0.backups = BackupPolicy(every: .milliseconds(20), keep: 2) }
        try await save(7, a)
        #expect(
            await eventually { (try? await b.players.backups(of: Key(1)).first?.document()["coins"]?.int64) == 7 })
        try await a.drain()
        try await save(8, b)
        #expect(
            await eventually { (try? await b.players.backups(of: Key(1)).first?.document()["coins"]?.int64) == 8 })
        #expect(throws: ProfileError.self) { try b.coordinator.documents(BackupVault.collection) }
        try await b.drain()
        for policy in [BackupPolicy(every: .milliseconds(9)), BackupPolicy(keep: 0), BackupPolicy(keep: 101)] {
            await #expect {
                try await fleet.server("c") { $0.backups = policy }
            } throws: { ($0 as? ProfileError)?.code == .badInput }
        }
    }
}
