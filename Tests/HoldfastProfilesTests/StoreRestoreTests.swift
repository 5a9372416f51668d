import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("A store that was put back", .timeLimit(.minutes(10)))
struct StoreRestoreTests {
    @Test("a session from before can save nothing any more, and the next one begins with what the store has")
    func fencesSessions() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins = 1 }
        try await session.save()
        var position: RestorePosition? = .start
        while let next = position { position = try await fleet.store.settleRestore(from: next).next }
        try session.edit { $0.coins = 2 }
        await #expect {
            try await session.save()
        } throws: { ($0 as? ProfileError)?.code == .fenced }
        #expect(session.sessionState == .lost)
        try await server.players.withSession(for: Key(1)) { session in
            #expect(session.document.coins == 1 && session.token > 1)
            try session.edit { $0.coins = 3 }
        }
        #expect(try await server.players.read(Key(1))?.document.coins == 3)
        try await server.drain()
    }
}
