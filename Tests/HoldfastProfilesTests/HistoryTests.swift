import HoldfastProfiles
import HoldfastStorage
import Synchronization
import Testing

@Suite("Histories", .timeLimit(.minutes(2)))
struct HistoryTests {
    /// A fleet whose store's hours pass when a test says so.
    private struct Setting {
        let fleet: Fleet
        let server: Server
        let hours: HourHand

        init() async throws {
            let hours = HourHand()
            self.hours = hours
            fleet = try await Fleet(store: InMemoryStore(deployment: "test", now: { hours.now }))
            server = try await fleet.server("a") { $0.autosave = .seconds(600) }
        }

        /// Saves 1, 2, 3 … coins, each an hour after the other.
        func save(upTo coins: Int) async throws {
            try await server.players.withSession(for: Key(1)) { session in
                for number in 1...coins {
                    try session.edit { $0.coins = number }
                    try await session.save()
                    hours.pass()
                }
            }
        }
    }

    private final class HourHand: Sendable {
        private let millis = Mutex<Int64>(1_000 * 3_600_000)
        var now: Int64 { millis.withLock { $0 } }
        func pass() { millis.withLock { $0 += 3_600_000 } }
    }

    @Test("each hour's first write keeps what was there, to be read by number and by time")
    func reading() async throws {
        let setting = try await Setting()
        let start = setting.hours.now
        try await setting.save(upTo: 3)
        let players = setting.server.players
        let entries = try await players.history(Key(1)).entries()
        #expect(entries.map(\.version) == [2, 1])
        let second = try await players.version(.version(2), of: Key(1))
        #expect(second.coins == 2)
        let then = try await players.history(Key(1)).find(.at(start + 3_600_000))
        #expect(then.version == 2 && then.isExact)
        let now = try await players.history(Key(1)).find(.at(setting.hours.now))
        #expect(now.version == 3)
        for selection in [VersionSelection.at(start - 1), .version(4), .version(0), .version(.max)] {
            let error = await #expect(throws: ProfileError.self) {
                _ = try await players.history(Key(1)).find(selection)
            }
            #expect(error?.code == .notFound)
        }
        let differences = try await players.history(Key(1)).difference(from: .version(1))
        #expect(differences.map(\.path) == ["coins"])
        #expect(differences.first?.old == 1 && differences.first?.new == 3)
        try await setting.server.drain()
    }

    @Test("a restore is a new version, keeps what it replaces, and may itself be undone")
    func restoring() async throws {
        let setting = try await Setting()
        try await setting.save(upTo: 3)
        let players = setting.server.players
        let receipt = try await players.restore(Key(1), to: .version(1))
        #expect(receipt.restored == 1 && receipt.version == 4 && receipt.replaced == 3)
        #expect(receipt.undoneOperations.isEmpty)
        let restored = try await players.read(Key(1))
        #expect(restored?.document.coins == 1 && restored?.version == 4 && restored?.owner == nil)
        let entry = try #require(try await players.history(Key(1)).entries().first)
        #expect(entry.version == 3 && entry.reason == "before restoring 1")
        let error = await #expect(throws: ProfileError.self) { try await players.restore(Key(1), to: .current) }
        #expect(error?.code == .badInput)
        _ = try await players.restore(Key(1), to: .version(3))
        try await players.withSession(for: Key(1)) { #expect($0.document.coins == 3) }
        try await setting.server.drain()
    }

    @Test("a restore is refused while a session is live, unless it may take the record over")
    func live() async throws {
        let setting = try await Setting()
        try await setting.save(upTo: 2)
        let other = try await setting.fleet.server("b")
        let session = try await other.players.open(Key(1))
        let players = setting.server.players
        let error = await #expect(throws: ProfileError.self) { try await players.restore(Key(1), to: .version(1)) }
        #expect(error?.code == .held)
        try session.edit { $0.coins = 50 }
        let receipt = try await players.restore(Key(1), to: .version(1), takesOver: true)
        #expect(receipt.replaced == 3)
        #expect(await session.waitUntilEnded() == .handedOver(to: "a"))
        let kept = try await players.version(.version(3), of: Key(1))
        #expect(kept.coins == 50)
        let restored = try await players.read(Key(1))
        #expect(restored?.document.coins == 1)
        try await other.drain()
        try await setting.server.drain()
    }

    @Test("a player who reconnects elsewhere waits for a restore that is under way")
    func reconnects() async throws {
        let (gate, isWriting) = (Hold(), Flag())
        defer { gate.open() }
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore.meetingCommits(of: memory) { commit in
            if case .always = commit.writes[0].keeps {
                isWriting.value = true
                await gate.pass()
            }
            return .none
        }
        let fleet = try await Fleet(store: memory)
        let (a, b) = (try await fleet.server("a", store: store), try await fleet.server("b"))
        for coins in 1...2 { try await a.players.update(Key(1)) { $0.coins = coins } }
        _ = try await a.players.history(Key(1)).keepCurrent(reason: "test")
        for coins in 3...4 { try await a.players.update(Key(1)) { $0.coins = coins } }
        let other = try await a.players.open(Key(2))
        let restoring = Task { try await a.players.restore(Key(1), to: .version(2), takesOver: true) }
        #expect(await eventually { isWriting.value })
        let opening = Task { try await b.players.open(Key(1)) }
        // The server that restores is asked for this record, too, and answers: it has read what came before.
        let handedOver = try await b.players.open(Key(2))
        #expect(await other.waitUntilEnded() == .handedOver(to: "b"))
        gate.open()
        #expect(try await restoring.value.restored == 2)
        let session = try await opening.value
        #expect(session.document.coins == 2)
        try await session.close()
        try await handedOver.close()
        try await a.drain()
        try await b.drain()
    }

    @Test("receipts outlive a restore: what was applied later is named and never applied again")
    func receipts() async throws {
        let setting = try await Setting()
        try await setting.save(upTo: 2)
        let players = setting.server.players
        _ = try await players.deliver(GrantCoins(coins: 100), to: Key(1), id: "gift")
        try await players.withSession(for: Key(1)) { session in
            #expect(await eventually(within: .seconds(30)) { session.document.coins == 102 })
        }
        let receipt = try await players.restore(Key(1), to: .version(2))
        #expect(receipt.undoneOperations.map(\.description) == ["gift"])
        _ = try await players.deliver(GrantCoins(coins: 100), to: Key(1), id: "gift")
        try await players.withSession(for: Key(1)) { #expect($0.document.coins == 2) }
        try await setting.server.drain()
    }

    @Test("a deleted profile can be brought back")
    func deleted() async throws {
        let setting = try await Setting()
        try await setting.save(upTo: 1)
        let players = setting.server.players
        let session = try await players.open(Key(1))
        try await session.delete()
        let gone = await #expect(throws: ProfileError.self) { try await players.restore(Key(1), to: .current) }
        #expect(gone?.code == .notFound)
        let then = await #expect(throws: ProfileError.self) {
            try await players.restore(Key(1), to: .at(setting.hours.now))
        }
        #expect(then?.code == .notFound)
        let receipt = try await players.restore(Key(1), to: .version(1))
        #expect(receipt.restored == 1 && receipt.version == 3 && receipt.replaced == nil)
        try await players.withSession(for: Key(1)) { #expect($0.document.coins == 1) }
        try await setting.server.drain()
    }

    @Test("a snapshot is kept beside the hours, whoever owns the record")
    func snapshot() async throws {
        let setting = try await Setting()
        try await setting.save(upTo: 1)
        let players = setting.server.players
        let session = try await players.open(Key(1))
        let version = try await players.history(Key(1)).keepCurrent(reason: "before the event")
        #expect(version == 1)
        try session.edit { $0.coins = 9 }
        try await session.close()
        let entries = try await players.history(Key(1)).entries()
        #expect(entries.map(\.reason) == ["before the event"])
        let error = await #expect(throws: ProfileError.self) {
            _ = try await players.history(Key(2)).keepCurrent(reason: "x")
        }
        #expect(error?.code == .notFound)
        try await setting.server.drain()
    }
}
