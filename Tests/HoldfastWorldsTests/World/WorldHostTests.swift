import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds
import Testing

@Suite("One world a server", .timeLimit(.minutes(3)))
struct WorldHostTests {
    private let place = BlockPosition(x: 0, y: 9, z: 0)

    @Test("of players who join together one claims, and all find her world")
    func together() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let host = WorldHost(server.worlds)
        let visits = try await withThrowingTaskGroup(of: WorldVisit.self) { group in
            for player in 1...8 { group.addTask { try await host.join("\(player)", playerName: "P\(player)") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(visits.count { $0.isOwner } == 1)
        #expect(Set(visits.map(\.world)).count == 1)
        #expect(visits.allSatisfy { $0.session === visits[0].session })
        try await server.drain()
    }

    @Test("the owner's leave saves her world and frees the server for the next")
    func leave() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let host = WorldHost(server.worlds)
        let visit = try await host.join("ada", playerName: "Ada")
        #expect(try await host.join("bob").isOwner == false)
        try visit.session.edit { try $0.setBlock(5, at: place) }
        #expect(try await host.leave("bob") == false)
        #expect(visit.session.isEnded == false)
        #expect(try await host.leave("ada"))
        #expect(await visit.session.waitUntilEnded() == .closed)
        #expect(await host.hosted == nil)
        #expect(try await fleet.storedChunks(of: visit.world) == ["chunk/0,0"])
        let next = try await host.join("bob")
        #expect(next.isOwner && next.world.owner == "bob")
        try await server.drain()
    }

    @Test("an owner who joins another server takes her world along")
    func elsewhere() async throws {
        let fleet = try await WorldFleet()
        let first = try await fleet.server("a")
        let second = try await fleet.server("b")
        let host = WorldHost(first.worlds)
        let visit = try await host.join("ada")
        try visit.session.edit { try $0.setBlock(5, at: place) }
        let there = try await WorldHost(second.worlds).join("ada")
        #expect(there.isOwner)
        #expect(try there.session.document.block(at: place) == 5)
        #expect(await visit.session.waitUntilEnded() == .handedOver(to: "b"))
        #expect(try await host.join("bob").isOwner)
        try await first.drain()
        try await second.drain()
    }

    @Test("when the first one's world cannot be opened, the next one claims")
    func failedClaim() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let ada = try WorldID(owner: "ada")
        try await server.worlds.withSession(for: ada) { session in
            try session.edit { try $0.setBlock(5, at: place) }
        }
        try await fleet.plant(PartWrite(name: PartName("other"), payload: PartPayload([1])), into: ada)
        let host = WorldHost(server.worlds)
        let error = await #expect(throws: ProfileError.self) { try await host.join("ada") }
        #expect(error?.code == .corrupt)
        #expect(try await host.join("bob").isOwner)
        try await server.drain()
    }
}
