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

    /// Hosts the player's own world, and moves wood into a chest of it and out: each one commit over player and world.
    func build(_ session: Session<Player>) async throws {
        let owner = "\(session.key)"
        let visit = try await server.host.join(owner, playerName: session.document.character.name)
        try visit.session.edit { world in
            world.description = "A chest in the plains"
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
        try await fetchWood(session, from: visit.session)
        try await breakDown(in: visit.session)
        try await server.host.leave(owner)
        let saved = try await worlds.reader.world(visit.world)
        let chest = try saved?.world.chest(at: Self.chestPlace)
        summary.check(
            try chest?.inventory.count(of: .wood) == 5 && saved?.world.chunkPositions.count == 1,
            "five planks lie in a chest, in the only chunk that is stored")

        try await worlds.withSession(for: WorldID(owner: owner, name: "sky")) { session in
            try session.edit { $0.description = "Nothing yet" }
        }
        let names = try await worlds.reader.worlds(of: owner).map(\.id.name)
        summary.check(names == ["main", "sky"], "Ann has two worlds")
    }

    /// Builds a tower and breaks it down again: its chunk is as generated, and stored no longer.
    private func breakDown(in world: Session<World>) async throws {
        let top = BlockPosition(x: 100, y: 90, z: 100)
        try world.edit { try $0.setBlock(17, at: top) }
        try await world.save()
        let before = world.document.chunkPositions.count
        try world.edit { try $0.setBlock(Chunk.air, at: top) }
        try await world.save()
        summary.check(
            before == 2 && world.document.chunkPositions.count == 1, "a tower came and went, and no chunk of it stays")
    }

    /// Takes wood out of the chest again, but no more than lies there.
    func fetchWood(_ session: Session<Player>, from world: Session<World>) async throws {
        let before = session.document.inventory.count(of: .wood)
        try await coordinator.fetch(3, from: 0, ofChestAt: Self.chestPlace, in: world, for: session)
        do {
            try await coordinator.fetch(6, from: 0, ofChestAt: Self.chestPlace, in: world, for: session)
            summary.check(false, "a chest gives no more than it has")
        } catch let error as WorldError {
            summary.check(
                error.code == .missing && session.document.inventory.count(of: .wood) == before + 3,
                "three planks come back out of the chest, which gives no more than it has")
        }
    }
}
