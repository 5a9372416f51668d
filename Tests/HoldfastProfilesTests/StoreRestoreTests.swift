import HoldfastProfiles
import HoldfastStorage
import TestServers
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
        } throws: { ($0 as? ProfileError)?.code == .storeRestored }
        #expect(session.sessionState == .lost)
        #expect(await session.waitUntilEnded() == .lost(.storeRestored))
        try await server.players.withSession(for: Key(1)) { session in
            #expect(session.document.coins == 1 && session.token > 1)
            try session.edit { $0.coins = 3 }
        }
        #expect(try await server.players.read(Key(1))?.document.coins == 3)
        try await server.drain()
    }

    @Test("servers run through a restore: sessions from before end, and players find what it brought")
    func whileRunning() async throws {
        let folder = try TemporaryFolder()
        let file = folder.file("fleet.backup")
        let store = InMemoryStore(deployment: "test")
        let fleet = try await Fleet(store: store)
        let server = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        try await server.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 1 } }
        let backup = try await store.backUp(to: file)
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins = 2 }
        try await session.save()
        try await server.players.withSession(for: Key(2)) { try $0.edit { $0.coins = 2 } }
        _ = try await store.restore(from: file, plan: store.planRestore(of: backup))
        try session.edit { $0.coins = 3 }
        await #expect {
            try await session.save()
        } throws: { ($0 as? ProfileError)?.code == .storeRestored }
        #expect(await session.waitUntilEnded() == .lost(.storeRestored))
        #expect(try await server.players.read(Key(2)) == nil)
        try await server.players.withSession(for: Key(1)) { session in
            #expect(session.document.coins == 1)
            try session.edit { $0.coins = 4 }
        }
        #expect(try await server.players.read(Key(1))?.document.coins == 4)
        try await server.drain()
    }

    @Test("a new generation alone ends sessions: saves, transactions, deletions and releases alike")
    func generation() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        var sessions: [Session<Player>] = []
        for key in 1...4 {
            let session = try await server.players.open(Key(key))
            try session.edit { $0.coins = 1 }
            try await session.save()
            sessions.append(session)
        }
        _ = try await fleet.store.bumpGeneration()
        for session in sessions { try session.edit { $0.coins = 2 } }
        let acts: [() async throws -> Void] = [
            { try await server.coordinator.transaction(sessions[0], sessions[1]) { $0.coins += $1.coins } },
            { try await sessions[2].delete() }, { try await sessions[3].close() },
        ]
        for act in acts {
            await #expect {
                try await act()
            } throws: { ($0 as? ProfileError)?.code == .storeRestored }
        }
        for session in sessions {
            #expect(await session.waitUntilEnded() == .lost(.storeRestored))
            #expect(try await server.players.read(session.key)?.document.coins == 1)
        }
        try await server.drain()
    }

    @Test("a lease that is taken anew after a restore does not make the session one of the new generation")
    func reseal() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins = 1 }
        try await session.save()
        try session.edit { $0.coins = 2 }
        _ = try await fleet.store.bumpGeneration()
        fleet.backend.flush()
        #expect(await session.waitUntilEnded() == .lost(.storeRestored))
        await #expect {
            try await session.save()
        } throws: { ($0 as? ProfileError)?.code == .ended }
        #expect(try await server.players.read(Key(1))?.document.coins == 1)
        try await server.drain()
    }

    @Test("a lease that is taken anew after a restore has settled every row says that the store was restored")
    func resealSettled() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins = 1 }
        try await session.save()
        var position: RestorePosition? = .start
        while let next = position { position = try await fleet.store.settleRestore(from: next).next }
        // Nothing is unsaved: the lease alone finds out.
        fleet.backend.flush()
        #expect(await session.waitUntilEnded() == .lost(.storeRestored))
        try await server.drain()
    }

    @Test("an atomic update of a shared document goes by the generation that it finds")
    func shared() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let guilds = try server.coordinator.sharedCollection(
            "guilds", of: Player.self, options: CollectionOptions { _ in Player() })
        try await guilds.update(Key(1)) { $0.coins += 1 }
        _ = try await fleet.store.bumpGeneration()
        try await guilds.update(Key(1)) { $0.coins += 1 }
        #expect(try await guilds.read(Key(1))?.document.coins == 2)
        try await server.drain()
    }
}
