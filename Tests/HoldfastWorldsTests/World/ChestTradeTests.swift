import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds
import Testing

@Suite("Moves between profile and chest", .timeLimit(.minutes(3)))
struct ChestTradeTests {
    private static let position = BlockPosition(x: 10, y: 5, z: -3)

    private struct Missing: Error {}

    /// Moves items from a purse into a chest; what does not fit stays in the purse.
    private static func stow(_ count: Int64, _ purse: inout Purse, _ world: inout World) throws {
        guard let owned = purse.items["5"], owned >= count else { throw Missing() }
        let rest = try world.put(ChestSlot(itemID: 5, count: count), into: 0, ofChestAt: position)
        purse.items["5"] = owned - count + rest.count
    }

    private static func fetch(_ count: Int64, _ purse: inout Purse, _ world: inout World) throws {
        let taken = try world.take(count, from: 0, ofChestAt: position)
        purse.items["\(taken.itemID)", default: 0] += taken.count
    }

    @Test("a move is one commit of both, and nothing is lost or made when it fails")
    func move() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let id = try WorldID(owner: "42")
        let purse = try await server.players.open(Key(42))
        let world = try await server.worlds.open(id)
        try purse.edit { $0.items["5"] = 64 }
        try world.edit { try $0.setChest(try Chest(at: Self.position, slots: 27)) }
        try await purse.save()
        try await world.save()

        try await server.coordinator.transaction(purse, world) { try Self.stow(24, &$0, &$1) }
        let commit = try #require(fleet.faults.commits.last)
        #expect(commit.writes.count == 2)
        #expect(commit.writes.map(\.parts.count).sorted() == [0, 1])

        await #expect(throws: Missing.self) {
            try await server.coordinator.transaction(purse, world) { try Self.stow(41, &$0, &$1) }
        }
        try await server.coordinator.transaction(purse, world) { try Self.fetch(4, &$0, &$1) }
        try await server.coordinator.transaction(purse, world) { try Self.stow(4, &$0, &$1) }
        let error = await #expect(throws: WorldError.self) {
            try await server.coordinator.transaction(purse, world) { try Self.fetch(25, &$0, &$1) }
        }
        #expect(error?.code == .missing)
        // The world's row goes to somebody else: neither side changes.
        _ = try await fleet.memory.raiseFence(of: world.id)
        await #expect(throws: ProfileError.self) {
            try await server.coordinator.transaction(purse, world) { try Self.stow(10, &$0, &$1) }
        }
        #expect(purse.document.items["5"] == 40)
        try await purse.close()
        let stored = try #require(try await server.worlds.reader.world(id))
        #expect(try stored.world.chest(at: Self.position)?.slot(0).count == 24)
        let kept = try await server.players.read(Key(42))
        #expect(kept?.document.items["5"] == 40)
        try await server.drain()
    }
}
