import HoldfastProfiles
import HoldfastStorage
import HoldfastTesting
import Testing

struct Player: Codable, Sendable, Equatable {
    var coins = 0
}

extension TestServer {
    func players() throws -> ProfileCollection<Player> {
        try coordinator.collection("players", of: Player.self, options: CollectionOptions(template: { _ in Player() }))
    }
}

@Suite("What if the store is down when she joins", .timeLimit(.minutes(2)))
struct JoiningTests {
    @Test("she is refused with an error that says try again, and has all she had when it is back")
    func storeIsDown() async throws {
        let fleet = try await TestFleet()
        try await fleet.withServer { server in
            let players = try server.players()
            try await players.withSession(for: Key(42)) { try $0.edit { $0.coins = 100 } }
            fleet.store.goDown()
            let error = await #expect(throws: ProfileError.self) {
                _ = try await players.open(Key(42), timeout: .milliseconds(500))
            }
            #expect(error?.isRetriable == true)
            fleet.store.comeBack()
            try await players.withSession(for: Key(42), timeout: .seconds(30)) { #expect($0.document.coins == 100) }
        }
    }

    @Test("a join that loses the store's answer once goes through by itself")
    func lostAnswer() async throws {
        let fleet = try await TestFleet()
        try await fleet.withServer { server in
            fleet.store.fail(.after(), where: { $0.isSeal })
            try await server.players().withSession(for: Key(42), timeout: .seconds(30)) { session in
                #expect(session.document == Player())
            }
            #expect(fleet.store.injectedFailures == 1)
        }
    }

    @Test("slow sides make her wait, and that is all")
    func latency() async throws {
        let fleet = try await TestFleet()
        fleet.store.setLatency(.milliseconds(20))
        fleet.coordination.setLatency(.milliseconds(20))
        var configuration = fleet.configuration()
        configuration.drainTimeout = .seconds(60)
        try await fleet.withServer(configuration) { server in
            let session = try await server.players().open(Key(42), timeout: .seconds(30))
            try session.edit { $0.coins = 5 }
            try await session.close(timeout: .seconds(30))
        }
        let stored = try await fleet.store.contents.read(RecordID(collection: CollectionName("players"), key: Key(42)))
        #expect(stored?.version == 1)
    }
}
