import HoldfastStorage
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
            policy: policy, store: host.store, vault: vault, metrics: host.metrics)
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
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { configuration in
            // Rounds are taken by hand.
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
