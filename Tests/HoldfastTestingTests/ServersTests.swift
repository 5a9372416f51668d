import HoldfastProfiles
import HoldfastStorage
import HoldfastTesting
import Testing

@Suite("What if a server goes away", .timeLimit(.minutes(2)))
struct ServersTests {
    @Test("a player who hops brings everything along")
    func hop() async throws {
        let fleet = try await TestFleet()
        let first = try await fleet.start(fleet.configuration("arena-1"))
        let second = try await fleet.start(fleet.configuration("arena-2"))
        let session = try await first.players().open(Key(42), timeout: .seconds(30))
        try session.edit { $0.coins = 9 }
        let next = try await second.players().open(Key(42), timeout: .seconds(30))
        #expect(next.document.coins == 9)
        #expect(await session.waitUntilEnded() == .handedOver(to: "arena-2"))
        try await first.drain()
        try await second.drain()
    }

    @Test("a crash loses what was not saved, and nothing else; another server may open at once")
    func crash() async throws {
        let fleet = try await TestFleet()
        var configuration = fleet.configuration("arena-1")
        configuration.autosave = .seconds(600)
        let first = try await fleet.start(configuration)
        let second = try await fleet.start(fleet.configuration("arena-2"))
        let session = try await first.players().open(Key(42), timeout: .seconds(30))
        try session.edit { $0.coins = 1 }
        try await session.save(timeout: .seconds(30))
        try session.edit { $0.coins = 2 }
        await first.crash()
        let next = try await second.players().open(Key(42), timeout: .seconds(60))
        #expect(next.document.coins == 1)
        try await second.drain()
    }

    @Test("the store's hours pass as the test says: each keeps what was there before its first save")
    func hours() async throws {
        let fleet = try await TestFleet()
        var configuration = fleet.configuration()
        configuration.autosave = .seconds(600)
        try await fleet.withServer(configuration) { server in
            let session = try await server.players().open(Key(42), timeout: .seconds(30))
            for coins in 1...3 {
                try session.edit { $0.coins = coins }
                try await session.save(timeout: .seconds(30))
                fleet.clock.advance(by: .seconds(3_600))
            }
            try await session.close(timeout: .seconds(30))
        }
        let id = RecordID(collection: try CollectionName("players"), key: Key(42))
        let history = try await fleet.store.contents.history(of: id, before: nil, limit: 10)
        #expect(history.map(\.version) == [2, 1])
    }
}
