import Foundation
import HoldfastStorage
import HoldfastWorlds

/// Chunks like those of a game: rough bedrock, veins of ore, hills of earth and grass, water and plants.
enum BenchTerrain {
    private enum Block {
        static let (stone, grass, dirt, bedrock, water, plant) = (
            UInt16(1), UInt16(2), UInt16(3), UInt16(7), UInt16(9), UInt16(31)
        )
        static let ores: [UInt16] = [12, 13, 14, 15, 16, 56]
    }

    private static let layers = 80
    private static let seaLevel = 63

    /// Makes so many chunks of one world.
    static func chunks(_ count: Int) throws -> [Chunk] {
        var random = SeededGenerator(seed: 5)
        return try (0..<count).map { _ in try chunk(&random) }
    }

    /// The lines of a world's export.
    static func lines(of file: String) throws -> [[UInt8]] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandError(.notFound, "there is no file \(file)")
        }
        return data.split(separator: 0x0A).map { Array($0) }
    }

    private static func chunk(_ random: inout SeededGenerator) throws -> Chunk {
        var blocks = [UInt16](repeating: Chunk.air, count: layers * Chunk.layerSize)
        var heights: [UInt16] = []
        let slope = (x: Int.random(in: -6...6, using: &random), z: Int.random(in: -6...6, using: &random))
        let middle = Int.random(in: 58...72, using: &random)
        for column in 0..<Chunk.layerSize {
            let (x, z) = (column % Chunk.side, column / Chunk.side)
            let ground = middle + (slope.x * (x - 8) + slope.z * (z - 8)) / 16
            for y in 0..<ground {
                let isRough = y < 5 && Int.random(in: 0...y, using: &random) == 0
                blocks[y * Chunk.layerSize + column] =
                    isRough ? Block.bedrock : y == ground - 1 ? Block.grass : y < ground - 4 ? Block.stone : Block.dirt
            }
            for y in ground..<max(ground, seaLevel) { blocks[y * Chunk.layerSize + column] = Block.water }
            if ground >= seaLevel, Int.random(in: 0..<12, using: &random) == 0 {
                blocks[ground * Chunk.layerSize + column] = Block.plant
            }
            heights.append(UInt16(max(ground, seaLevel)))
        }
        for _ in 0..<60 { addVein(&blocks, &random) }
        return try Chunk(blocks: blocks, heightMap: heights)
    }

    /// Turns about eight stones around one place into an ore.
    private static func addVein(_ blocks: inout [UInt16], _ random: inout SeededGenerator) {
        let ore = Block.ores.randomElement(using: &random) ?? Block.stone
        let (x, y, z) = (
            Int.random(in: 0..<14, using: &random), Int.random(in: 6..<52, using: &random),
            Int.random(in: 0..<14, using: &random)
        )
        for _ in 0..<10 {
            let index =
                (y + Int.random(in: 0...2, using: &random)) * Chunk.layerSize
                + (z + Int.random(in: 0...2, using: &random)) * Chunk.side + x + Int.random(in: 0...2, using: &random)
            if blocks[index] == Block.stone { blocks[index] = ore }
        }
    }
}
