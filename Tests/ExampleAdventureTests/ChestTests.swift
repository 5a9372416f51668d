import Holdfast
import HoldfastGameplay
import Testing

@testable import ExampleAdventure

/// What moves between a chest and an inventory is in one of them.
@Suite struct ChestTests {
    private static let place = BlockPosition(x: 1, y: 5, z: 1)

    /// A player beside a chest of her world with eight planks in its first slot.
    private func withChest(
        _ body: (Coordinator, Session<Player>, Session<World>) async throws -> Void
    ) async throws {
        try await TinyServer.withTwo { server, _ in
            let player = try await server.players.open(Key(1))
            let world = try await server.worlds.open(WorldID(owner: "1"), ownerName: "Ann")
            try world.edit { world in
                try world.setChest(try Chest(at: Self.place, slots: 3))
                _ = try world.put(ChestSlot(itemID: 5, count: 8), ofChestAt: Self.place)
            }
            try await body(server.coordinator, player, world)
            try await player.close()
            try await world.close()
            // As it was saved, without a lock.
            let saved = try await server.worlds.reader.world(WorldID(owner: "1"))?.world.chest(at: Self.place)
            let wood = try await server.players.read(Key(1))?.document.inventory.count(of: .wood) ?? 0
            #expect(try (saved?.inventory.count(of: .wood) ?? 0) + wood == 8)
        }
    }

    private func wood(_ world: Session<World>) throws -> Int {
        try world.document.chest(at: Self.place)?.inventory.count(of: .wood) ?? 0
    }

    @Test("a stack moves from a chest into an inventory, and no more than lies there")
    func fetch() async throws {
        try await withChest { coordinator, player, world in
            try await coordinator.fetch(3, from: 0, ofChestAt: Self.place, in: world, for: player)
            #expect(player.document.inventory.count(of: .wood) == 3)
            #expect(try wood(world) == 5)
            await #expect(throws: WorldError.self) {
                try await coordinator.fetch(6, from: 0, ofChestAt: Self.place, in: world, for: player)
            }
            #expect(player.document.inventory.count(of: .wood) == 3)
            #expect(try wood(world) == 5)
        }
    }

    @Test("what does not fit into the inventory stays in the chest, all of it")
    func fullInventory() async throws {
        try await withChest { coordinator, player, world in
            try player.edit { player in
                _ = try player.inventory.add("stone", count: 36 * 64)
            }
            await #expect(throws: GameplayError.self) {
                try await coordinator.fetch(3, from: 0, ofChestAt: Self.place, in: world, for: player)
            }
            #expect(player.document.inventory.count(of: .wood) == 0)
            #expect(try wood(world) == 8)
        }
    }
}
