import Holdfast
import HoldfastGameplay

/// Terrain that the world's seed decides: only what differs from it is stored.
struct Plains: TerrainGenerator {
    func chunk(at position: ChunkPosition, seed: Int64) -> Chunk? {
        try? Chunk(layers: 2 + Int(seed & 3), of: 2)
    }
}

extension Adventure {
    static let chestPlace = BlockPosition(x: 10, y: 5, z: -3)

    /// Hosts the player's own world, and puts wood into a chest of it: one commit over player and world.
    func build(_ session: Session<Player>) async throws {
        let owner = "\(session.key)"
        let visit = try await host.join(owner, playerName: session.document.character.name)
        try visit.session.edit { world in
            try world.setBlock(17, at: BlockPosition(x: 10, y: 4, z: -3))
            try world.setChest(try Chest(at: Self.chestPlace, slots: 27))
        }
        try await coordinator.transaction(session, visit.session) { player, world in
            guard var chest = try world.chest(at: Self.chestPlace) else { return }
            var inside = try chest.inventory
            try player.inventory.transfer(.wood, count: 8, to: &inside)
            try chest.keep(inside)
            try world.setChest(chest)
        }
        try await host.leave(owner)
        let saved = try await worlds.reader.world(visit.world)
        let chest = try saved?.world.chest(at: Self.chestPlace)
        summary.check(
            try chest?.inventory.count(of: .wood) == 8 && saved?.world.chunkPositions.count == 1,
            "eight planks lie in a chest, in the only chunk that is stored")
    }
}
