import Holdfast
import HoldfastTesting
import Testing

@testable import ExampleAdventure

@Suite("What if the store is down when she joins", .timeLimit(.minutes(2)))
struct JoiningTests {
    @Test("she may play, nothing of it is kept, and what she had is back with the store")
    func storeIsDown() async throws {
        let fleet = try await TestFleet()
        try await fleet.withServer { server in
            let players = try server.coordinator.collection(
                "players", of: Player.self, options: Player.options(clock: GameClock()))
            try await players.withSession(for: Key(42)) { try $0.edit { $0.profile.rise(by: 6) } }

            fleet.store.goDown()
            let visit = try await players.open(Key(42), timeout: .milliseconds(500))
            #expect(visit.isFallback && visit.document.profile.level == 1)
            try visit.edit { $0.profile.rise(by: 1) }
            await #expect(throws: ProfileError.self) { try await visit.save() }
            try await visit.close()

            fleet.store.comeBack()
            try await players.withSession(for: Key(42), timeout: .seconds(30)) { session in
                #expect(session.document.profile.level == 7)
            }
        }
    }

    @Test("a purchase whose answer is lost is made once")
    func lostAnswer() async throws {
        let fleet = try await TestFleet()
        try await fleet.withServer { server in
            let players = try server.coordinator.collection(
                "players", of: Player.self, options: Player.options(clock: GameClock()))
            let session = try await players.open(Key(42), timeout: .seconds(30))
            fleet.store.fail(.after(), times: 2)
            let purchase = Purchase(id: "1001", product: "starter-pack", purchasedAt: 1_000)
            try await players.deliver(purchase, to: Key(42), id: "purchase:1001", timeout: .seconds(30))
            let receipt = try await players.result(of: "purchase:1001", key: Key(42), timeout: .seconds(30))
            #expect(receipt.state == .applied && session.document.wallet[.gems] == 510)
            try await session.close(timeout: .seconds(30))
        }
        #expect(fleet.store.injectedFailures == 2)
    }
}
