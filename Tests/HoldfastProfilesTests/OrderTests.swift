import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Orders to the owner of a session", .timeLimit(.minutes(2)))
struct OrderTests {
    @Test("the owner shows, saves and releases a session when asked")
    func answered() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let session = try await server.players.open(Key(1))
        let courier = SessionCourier(backend: fleet.backend)
        func ask(_ order: SessionOrder) async throws -> JSONValue? {
            guard
                case .answered(let lease, let answer) = try await courier.send(
                    order, for: session.id, timeout: .seconds(60))
            else { return nil }
            #expect(lease.owner.server == "a")
            return answer
        }
        try session.edit { $0.coins = 5 }
        let shown = try await ask(.show)
        #expect(shown?["state"] == "active" && shown?["version"] == 0 && session.version == 0)
        #expect(try await ask(.save)?["version"] == 1)
        #expect(try await server.players.read(Key(1))?.document.coins == 5)
        try session.edit { $0.coins = 6 }
        #expect(try await ask(.release)?["state"] == "closed")
        #expect(await session.waitUntilEnded() == .released)
        #expect(try await server.players.read(Key(1))?.document.coins == 6)
        let outcome = try await courier.send(.show, for: session.id, timeout: .seconds(60))
        #expect(outcome == .notHeld)
        try await server.drain()
    }

    @Test("a server that is gone, or does not answer, is named")
    func unanswered() async throws {
        let fleet = try await Fleet(
            timings: DeploymentTimings(leaseMillis: 600_000, renewMillis: 200_000, beatMillis: 40))
        let id = RecordID(collection: try CollectionName("players"), key: Key(1))
        let owner = Owner(nonce: .random(), server: "silent", boot: .random())
        _ = try await fleet.backend.acquire(AcquireRequest(id: id, owner: owner, lease: .seconds(600)))
        let courier = SessionCourier(backend: fleet.backend)
        let gone = try await courier.send(.show, for: id, timeout: .milliseconds(50))
        guard case .serverGone(let lease) = gone else {
            Issue.record("expected a server that is gone, not \(gone)")
            return
        }
        #expect(lease.owner == owner)
        _ = try await fleet.backend.beat(
            ServerBeat(server: "silent", boot: owner.boot, number: 1), timeToLive: .seconds(600))
        let silent = try await courier.send(.save, for: id, timeout: .milliseconds(50))
        guard case .noAnswer = silent else {
            Issue.record("expected no answer, not \(silent)")
            return
        }
    }
}
