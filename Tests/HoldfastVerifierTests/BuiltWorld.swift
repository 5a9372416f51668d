import HoldfastStorage
import HoldfastWorlds

/// A world of the demo, as the tests write it, with chunks by the real codec.
struct BuiltWorld {
    var builds: Int64 = 0
    var tradedIn: Int64 = 0
    var tradedOut: Int64 = 0

    var coins: Int64 { tradedIn - tradedOut }

    /// The block of the last build in each chunk.
    var markers: [Int64: Int64] {
        guard builds > 0 else { return [:] }
        return Dictionary((1...builds).map { ($0 % 3 + 1, 2 + $0 % 60_000) }, uniquingKeysWith: { $1 })
    }

    /// The members that a `saved` line shares with the document's metadata.
    var balance: String {
        """
        "builds":\(builds),"coins":\(coins),"earned":0,"rewarded":0,"tradedIn":\(tradedIn),"tradedOut":\(tradedOut)
        """
    }

    var document: [UInt8] { Array("{\"metadata\":{\(balance)},\"name\":\"Zoë's World\",\"owner\":\"3\"}".utf8) }

    /// The coded chunks, by number.
    func chunks() throws -> [Int64: PartPayload] {
        var chunks: [Int64: PartPayload] = [:]
        for (number, block) in markers {
            var chunk = try Chunk(layers: 1, of: 1)
            try chunk.setBlock(UInt16(block), x: 5, y: 1, z: 7)
            chunks[number] = try ChunkCodec.encode(chunk)
        }
        if coins > 0 {
            var chunk = try Chunk(layers: 1, of: 1)
            var chest = try Chest(at: BlockPosition(x: 3, y: 1, z: 3), slots: 1)
            try chest.setSlot(0, to: ChestSlot(itemID: 1, count: coins))
            chunk.setChest(chest)
            chunks[0] = try ChunkCodec.encode(chunk)
        }
        return chunks
    }
}
