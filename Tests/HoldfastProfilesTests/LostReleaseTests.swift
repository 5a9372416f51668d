import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Testing

/// Cuts a server off from Redis between the last save of a session and its release.
private final class Cutter: SessionObserver {
    private let link: InMemoryCoordinationBackend

    init(_ link: InMemoryCoordinationBackend) {
        self.link = link
    }

    func ended(_ id: RecordID, fence: Int64, nonce: RandomID, end: SessionEnd) {
        link.goOffline()
    }
}

@Suite("Releases that never reach Redis", .timeLimit(.minutes(10)))
struct LostReleaseTests {
    /// A server whose next release never reaches Redis, in a fleet with long leases.
    private func cutOff() async throws -> (fleet: Fleet, link: InMemoryCoordinationBackend, server: Server) {
        let fleet = try await Fleet(
            timings: DeploymentTimings(leaseMillis: 600_000, renewMillis: 200_000, beatMillis: 40)
        )
        let link = InMemoryCoordinationBackend(sharing: fleet.backend)
        let server = try await fleet.server("a", backend: link) { $0.observer = Cutter(link) }
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins = 5 }
        try await session.close()
        #expect(try await fleet.backend.inspect(session.id) != nil)
        link.goOnline()
        return (fleet, link, server)
    }

    @Test("a lease whose release was lost is freed by its server as soon as another asks for it")
    func lostReleaseAskedFor() async throws {
        let (fleet, link, a) = try await cutOff()
        let b = try await fleet.server("b")
        // Long before the lease ends or is renewed.
        let session = try await b.players.open(Key(1))
        #expect(session.document.coins == 5)
        try await session.close()
        try await b.drain()
        link.goOnline()
        try await a.drain()
    }

    @Test("a lease whose release was lost does not keep its own server out")
    func lostReleaseReopened() async throws {
        let (_, link, a) = try await cutOff()
        let session = try await a.players.open(Key(1))
        #expect(session.document.coins == 5)
        try await session.close()
        link.goOnline()
        try await a.drain()
    }
}
