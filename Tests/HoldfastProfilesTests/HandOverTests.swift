import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Hand-overs under bad conditions", .timeLimit(.minutes(3)))
struct HandOverTests {
    private static func earn(_ server: Server) async throws {
        try await server.players.update(Key(1)) { $0.coins += 1 }
    }

    @Test("with every message lost a hop, an operation and the wait for its result only take longer")
    func withoutMessages() async throws {
        let fleet = try await Fleet()
        var servers: [Server] = []
        for id in ["a", "b"] {
            let link = InMemoryCoordinationBackend(sharing: fleet.backend)
            link.loseMessages()
            servers.append(try await fleet.server(id, backend: link))
        }
        let (here, there) = (servers[0].players, servers[1].players)
        let session = try await here.open(Key(1))
        try await there.deliver(GrantCoins(coins: 7), to: Key(1), id: "gift")
        let receipt = try await there.result(of: "gift", key: Key(1), timeout: .seconds(60))
        #expect(receipt.state == .applied && session.document.coins == 7)

        try session.edit { $0.coins += 5 }
        let taken = try await there.open(Key(1))
        #expect(taken.document.coins == 12 && taken.opening.origin == .handOver(from: "a"))
        #expect(await session.waitUntilEnded() == .handedOver(to: "b"))
        try await taken.close()
        for server in servers { try await server.drain() }
    }

    @Test("two servers that ask for a live record at once both get it, one after the other, with all that was edited")
    func askedTwice() async throws {
        let fleet = try await Fleet()
        let holder = try await fleet.server("a")
        let (b, c) = (try await fleet.server("b"), try await fleet.server("c"))
        let session = try await holder.players.open(Key(1))
        try session.edit { $0.coins = 1 }
        async let second: Void = Self.earn(b)
        async let third: Void = Self.earn(c)
        try await second
        try await third
        #expect(try await holder.players.read(Key(1))?.document.coins == 3)
        let end = await session.waitUntilEnded()
        #expect(end == .handedOver(to: "b") || end == .handedOver(to: "c"))
        for server in [holder, b, c] { try await server.drain() }
    }
}
