import Holdfast

private func makeHills(_ position: ChunkPosition, _ seed: Int64) -> Chunk? { nil }

/// The programs of "Worlds", to be compiled.
enum WorldsArticle {
    struct Player: Codable, Sendable {
        func take(_ count: Int64, of item: Int64) -> Bool { true }
        func give(_ count: Int64, of item: Int64) {}
    }

    enum ShopError: Error {
        case nothingThere
    }

    static func example(
        _ coordinator: Coordinator, _ player: Session<Player>, place: BlockPosition
    ) async throws {
        struct Hills: TerrainGenerator {
            func chunk(at position: ChunkPosition, seed: Int64) -> Chunk? { makeHills(position, seed) }
        }

        let worlds = try WorldStore(coordinator, terrain: Hills())

        // The first player to join claims this server for her world; who comes later visits it.
        let host = WorldHost(worlds)
        let visit = try await host.join("42", playerName: "Ada")

        // In memory, all or nothing.
        try visit.session.edit { world in
            try world.setBlock(54, at: BlockPosition(x: 10, y: 64, z: -3))
            try world.setChest(try Chest(at: BlockPosition(x: 10, y: 64, z: -3), slots: 27))
        }
        try await visit.session.save()  // durable: one commit, one version

        // From her pockets into the chest: both, or neither.
        try await coordinator.transaction(player, visit.session) { player, world in
            guard player.take(64, of: 5) else { throw ShopError.nothingThere }
            let rest = try world.put(ChestSlot(itemID: 5, count: 64), ofChestAt: place)
            player.give(rest.count, of: 5)  // what did not fit is still hers
        }

        try await host.leave("42")  // saved and released for her next server
    }
}
