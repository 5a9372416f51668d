import Holdfast
import HoldfastTesting
import Testing

/// The program of "Testing", which is a test of its own.
@Suite struct TestingArticle {
    struct Player: Codable, Sendable {
        var coins = 100
    }

    private let options = CollectionOptions<Player> { _ in Player() }

    @Test func storeIsDownWhenSheJoins() async throws {
        let fleet = try await TestFleet()
        try await fleet.withServer { server in
            let players = try server.coordinator.collection("players", of: Player.self, options: options)
            fleet.store.goDown()
            let error = await #expect(throws: ProfileError.self) {
                _ = try await players.open(Key(42), timeout: .milliseconds(500))
            }
            #expect(error?.isRetriable == true)  // show "try again", never an empty profile
            fleet.store.comeBack()
            try await players.withSession(for: Key(42), timeout: .seconds(30)) { session in
                #expect(session.document.coins == 100)
            }
        }  // drained: saved and released
    }
}
