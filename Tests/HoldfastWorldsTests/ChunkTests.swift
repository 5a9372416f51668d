import HoldfastWorlds
import Testing

@Suite("Chunks")
struct ChunkTests {
    @Test("a block is set and read, and the chunk grows up to it")
    func setBlock() throws {
        var chunk = try Chunk(layers: 1)
        try chunk.setBlock(5, x: 3, y: 20, z: 7)
        #expect(try chunk.block(x: 3, y: 20, z: 7) == 5)
        #expect(try chunk.block(x: 3, y: 200, z: 7) == Chunk.air)
        #expect(chunk.layers == 21)
        try chunk.setBlock(Chunk.air, x: 3, y: 30, z: 7)
        #expect(chunk.layers == 21)
    }

    @Test("air on top makes no difference to a player, a block does")
    func sameness() throws {
        let chunk = try Chunk(layers: 2, of: 1)
        var grown = chunk
        try grown.setBlock(9, x: 0, y: 9, z: 0)
        #expect(!grown.isSame(as: chunk))
        try grown.setBlock(Chunk.air, x: 0, y: 9, z: 0)
        #expect(grown != chunk)
        #expect(grown.isSame(as: chunk) && chunk.isSame(as: grown))
    }

    @Test("wrong sizes and places outside are refused")
    func refusals() throws {
        for count in [0, 255, 257, 65_536 + 256] {
            let error = #expect(throws: WorldError.self) { try Chunk(blocks: [UInt16](repeating: 1, count: count)) }
            #expect(error?.code == .wrongSize)
        }
        #expect(throws: WorldError.self) { try Chunk(layers: 257) }
        var chunk = try Chunk(layers: 1)
        for (x, y, z) in [(16, 0, 0), (-1, 0, 0), (0, 256, 0), (0, -1, 0), (0, 0, 16)] {
            let error = #expect(throws: WorldError.self) { try chunk.setBlock(1, x: x, y: y, z: z) }
            #expect(error?.code == .outOfRange)
        }
        #expect(throws: WorldError.self) { try chunk.setHeightMap([1]) }
    }

    @Test("a slot that the chest does not have is refused, and so is a count below zero")
    func slots() throws {
        var chest = try Chest(at: BlockPosition(x: 0, y: 0, z: 0), slots: 27)
        try chest.setSlot(26, to: ChestSlot(itemID: 5, count: 64))
        #expect(try chest.slot(26).count == 64)
        for number in [-1, 27] {
            let error = #expect(throws: WorldError.self) { try chest.setSlot(number, to: .empty) }
            #expect(error?.code == .outOfRange)
        }
        #expect(throws: WorldError.self) { try chest.setSlot(0, to: ChestSlot(itemID: 5, count: -1)) }
        #expect(throws: WorldError.self) { try Chest(at: chest.position, slots: 1_025) }
    }

    @Test("blocks of negative coordinates belong to the chunk below")
    func positions() {
        #expect(ChunkPosition(of: BlockPosition(x: -1, y: 0, z: 16)) == ChunkPosition(x: -1, z: 1))
        #expect(ChunkPosition(of: BlockPosition(x: -16, y: 0, z: -17)) == ChunkPosition(x: -1, z: -2))
    }
}
