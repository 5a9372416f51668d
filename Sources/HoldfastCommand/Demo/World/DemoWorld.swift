import HoldfastStorage
import HoldfastWorlds

/// The worlds of the demo, which change by rules that the verifier can compute again.
///
/// Build `n` puts block `2 + n % 60000` at the mark of chunk `n % 3 + 1`, and the chest in chunk 0 holds the coins that
/// the fields count: so fields and chunks of one version determine each other. A world's metadata is kept as the
/// balance of a player is, with what was built beside it.
enum DemoWorld {
    /// Chunks that are built in.
    static let builtChunks: Int64 = 3

    /// The collection of worlds in a run with this collection of players.
    static func collection(in run: String) -> String { "\(run)-worlds" }

    /// Whether a player has a world of her own: every third one.
    static func isOwned(by player: String) -> Bool { number(of: player).isMultiple(of: 3) }

    /// The owner of the world that a player shares with her neighbours: a dozen numbers are one town.
    static func town(of player: String) -> String { "town-\(number(of: player) / 12)" }

    private static func number(of player: String) -> Int { player.split(separator: "-").last.flatMap { Int($0) } ?? 1 }

    static func new(_ id: WorldID) -> World {
        let counted = ["builds", "coins", "earned", "rewarded", "tradedIn", "tradedOut"]
        var metadata = JSONObject()
        for name in counted { metadata[name] = .integer(0) }
        return World(owner: id.owner, seed: 1, metadata: .object(metadata))
    }

    /// Where the block of the last build in a chunk is.
    static func mark(in chunk: Int64) -> BlockPosition { BlockPosition(x: Int32(chunk) * 16 + 5, y: 1, z: 7) }

    static let chest = BlockPosition(x: 3, y: 1, z: 3)
}

/// One layer of ground everywhere.
struct DemoTerrain: TerrainGenerator {
    func chunk(at position: ChunkPosition, seed: Int64) -> Chunk? { try? Chunk(layers: 1, of: 1) }
}

extension World {
    /// A number of the metadata.
    func counted(_ name: String) -> Int64 { metadata[name]?.int64 ?? 0 }

    private mutating func count(_ name: String, by amount: Int64) {
        metadata[name] = .integer(counted(name) + amount)
    }

    /// The next build.
    mutating func build() throws {
        count("builds", by: 1)
        let number = counted("builds")
        try setBlock(UInt16(2 + number % 60_000), at: DemoWorld.mark(in: number % DemoWorld.builtChunks + 1))
    }

    /// Puts coins into the chest, or takes them out of it where `amount` is negative; an empty chest is taken away.
    mutating func put(coins amount: Int64) throws {
        guard counted("coins") >= -amount else { throw DemoPlayer.TooPoor() }
        count("coins", by: amount)
        count(amount > 0 ? "tradedIn" : "tradedOut", by: abs(amount))
        guard counted("coins") > 0 else {
            try removeChest(at: DemoWorld.chest)
            return
        }
        var chest = try Chest(at: DemoWorld.chest, slots: 1)
        try chest.setSlot(0, to: ChestSlot(itemID: 1, count: counted("coins")))
        try setChest(chest)
    }
}
