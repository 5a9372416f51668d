import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds
import Testing

@Suite("Players and servers that race for a world", .timeLimit(.minutes(3)))
struct WorldHostRaceTests {
    private let place = BlockPosition(x: 0, y: 9, z: 0)

    /// A host whose owner is leaving: her last save waits at the gate.
    private func leaving(
        _ fleet: WorldFleet, _ server: WorldServer
    ) async throws -> (host: WorldHost, gate: Gate, leave: Task<Bool, any Error>) {
        let host = WorldHost(server.worlds)
        let visit = try await host.join("ada")
        try visit.session.edit { try $0.setBlock(5, at: place) }
        let gate = Gate()
        fleet.faults.hold(gate)
        let leave = Task { try await host.leave("ada") }
        await gate.waitForArrival()
        return (host, gate, leave)
    }

    @Test("who waits behind others ends at her deadline or when she is cancelled, and the others go on")
    func deadline() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let (host, gate, leave) = try await leaving(fleet, server)
        let late = await #expect(throws: ProfileError.self) {
            try await host.join("bob", timeout: .milliseconds(20))
        }
        #expect(late?.code == .busy)
        let second = await #expect(throws: ProfileError.self) {
            try await host.leave("ada", timeout: .milliseconds(20))
        }
        #expect(second?.code == .busy)
        let waiting = Task { try await host.join("cyd") }
        waiting.cancel()
        let cancelled = await #expect(throws: ProfileError.self) { try await waiting.value }
        #expect(cancelled?.code == .cancelled)
        gate.open()
        #expect(try await leave.value)
        #expect(try await host.join("bob").isOwner)
        try await server.drain()
    }

    @Test("who joins while the owner leaves gets a world of her own, never the one that goes")
    func joinDuringLeave() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let (host, gate, leave) = try await leaving(fleet, server)
        async let bob = host.join("bob")
        async let again = host.leave("ada")
        gate.open()
        #expect(try await leave.value)
        #expect(try await again == false)
        let visit = try await bob
        #expect(visit.isOwner && visit.world.owner == "bob" && !visit.session.isEnded)
        #expect(try await fleet.storedChunks(of: try WorldID(owner: "ada")) == ["chunk/0,0"])
        try await server.drain()
    }

    @Test("an owner who joins elsewhere while she leaves finds what she built")
    func joinElsewhereDuringLeave() async throws {
        let fleet = try await WorldFleet()
        let first = try await fleet.server("a")
        let second = try await fleet.server("b")
        let (_, gate, leave) = try await leaving(fleet, first)
        let other = WorldHost(second.worlds)
        async let there = other.join("ada")
        gate.open()
        _ = try await leave.value
        let visit = try await there
        #expect(visit.isOwner)
        #expect(try visit.session.document.block(at: place) == 5)
        try await first.drain()
        try await second.drain()
    }

    @Test("of two servers that an owner joins at once one hosts her world in the end, and no block is lost")
    func twoServers() async throws {
        let fleet = try await WorldFleet()
        let servers = [try await fleet.server("a"), try await fleet.server("b")]
        let hosts = servers.map { WorldHost($0.worlds) }
        for round in 0..<5 {
            async let left = hosts[0].join("ada")
            async let right = hosts[1].join("ada")
            let visits = try await [left, right]
            for visit in visits {
                // The one that has lost the race refuses the edit.
                try? visit.session.edit { try $0.setBlock(UInt16(round + 1), at: place) }
            }
            let live = visits.filter { !$0.session.isEnded }
            #expect(live.count <= 1)
            let standing = try #require(live.first)
            #expect(try standing.session.document.block(at: place) == UInt16(round + 1))
            for host in hosts { try await host.leave("ada") }
            #expect(
                try await servers[0].worlds.reader.world(standing.world)?.world.block(at: place) == UInt16(round + 1))
        }
        for server in servers { try await server.drain() }
    }

    @Test("when a server is killed its world goes to the next as it was saved, and the dead one's session is over")
    func killed() async throws {
        let fleet = try await WorldFleet(beatsToLive: 3)
        let first = try await fleet.server("a")
        let second = try await fleet.server("b")
        let host = WorldHost(first.worlds)
        let visit = try await host.join("ada")
        try visit.session.edit { try $0.setBlock(5, at: place) }
        try await visit.session.save()
        try visit.session.edit { try $0.setBlock(6, at: place) }
        await first.crash()
        let there = try await WorldHost(second.worlds).join("ada")
        #expect(there.isOwner)
        #expect(try there.session.document.block(at: place) == 5)
        #expect(throws: ProfileError.self) { try visit.session.edit { try $0.setBlock(7, at: place) } }
        await #expect(throws: ProfileError.self) { try await visit.session.save() }
        #expect(await host.hosted == nil)
        try there.session.edit { try $0.setBlock(8, at: place) }
        try await there.session.close()
        #expect(try await second.worlds.reader.world(there.world)?.world.block(at: place) == 8)
        try await second.drain()
    }
}
