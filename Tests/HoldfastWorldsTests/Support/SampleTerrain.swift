import HoldfastStorage
import HoldfastWorlds
import ModelTesting

/// Chunks like those of a game: hills, ores, water, plants, and chests; everything follows from a seed.
enum SampleTerrain {
    static let (bedrock, stone, dirt, grass, water, coal, plant):
        (UInt16, UInt16, UInt16, UInt16, UInt16, UInt16, UInt16) = (7, 1, 3, 2, 9, 16, 31)

    static func chunk(seed: UInt64, layers: Int = 80, chests: Int = 0) throws -> Chunk {
        var random = SeededGenerator(seed: seed)
        var blocks = [UInt16](repeating: Chunk.air, count: layers * Chunk.layerSize)
        var heights: [UInt16] = []
        let (slopeX, slopeZ) = (Int.random(in: -2...2, using: &random), Int.random(in: -2...2, using: &random))
        for column in 0..<Chunk.layerSize {
            let ground = 60 + (slopeX * (column % 16) + slopeZ * (column / 16)) / 4
            for y in 0..<ground {
                let isVein = y > 5 && (column + y) % 37 < 3 && Int.random(in: 0..<3, using: &random) > 0
                let isBedrock = y < 5 && Int.random(in: 0...y, using: &random) == 0
                blocks[y * Chunk.layerSize + column] =
                    isBedrock ? bedrock : y == ground - 1 ? grass : y > ground - 4 ? dirt : isVein ? coal : stone
            }
            for y in ground..<max(ground, 62) { blocks[y * Chunk.layerSize + column] = water }
            if ground >= 62, Int.random(in: 0..<6, using: &random) == 0 {
                blocks[ground * Chunk.layerSize + column] = plant
            }
            heights.append(UInt16(max(ground, 62)))
        }
        var chunk = try Chunk(blocks: blocks, heightMap: heights)
        for _ in 0..<chests { chunk.setChest(try chest(&random)) }
        return chunk
    }

    static func chest(_ random: inout SeededGenerator) throws -> Chest {
        let position = BlockPosition(
            x: .random(in: 0..<16, using: &random), y: .random(in: 0..<64, using: &random),
            z: .random(in: 0..<16, using: &random))
        var chest = try Chest(at: position, slots: 27)
        for _ in 0..<Int.random(in: 0..<10, using: &random) {
            var slot = ChestSlot(
                itemID: .random(in: 1...400, using: &random), count: .random(in: 1...64, using: &random))
            if Bool.random(using: &random) { slot.metadata = ["durability": 12, "name": "é\u{301}"] }
            if Bool.random(using: &random) { slot.fields["maxStack"] = 64 }
            try chest.setSlot(.random(in: 0..<27, using: &random), to: slot)
        }
        return chest
    }

    /// Anything that a chunk may be, most of it unlike any terrain.
    static func anyChunk(_ random: inout SeededGenerator) throws -> Chunk {
        let layers = Int.random(in: 1...6, using: &random)
        let kinds = [1, 2, 5, 255, 256, 257, 700].randomElement(using: &random) ?? 1
        let ids = (0..<kinds).map { _ in UInt16.random(in: 0...UInt16.max, using: &random) }
        var blocks: [UInt16] = []
        let longest = [1, 3, 200].randomElement(using: &random) ?? 1
        while blocks.count < layers * Chunk.layerSize {
            let length = Int.random(in: 1...longest, using: &random)
            blocks.append(contentsOf: repeatElement(ids.randomElement(using: &random) ?? 0, count: length))
        }
        blocks.removeLast(blocks.count - layers * Chunk.layerSize)
        let highest = [UInt16(layers), .max].randomElement(using: &random) ?? 0
        let heights = (0..<Chunk.layerSize).map { _ in UInt16.random(in: 0...highest, using: &random) }
        var chunk = try Chunk(blocks: blocks, heightMap: Bool.random(using: &random) ? heights : nil)
        for _ in 0..<Int.random(in: 0...2, using: &random) { chunk.setChest(try chest(&random)) }
        return chunk
    }
}
