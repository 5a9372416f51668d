import HoldfastStorage
import ModelTesting
import Testing

@testable import HoldfastWorlds

@Suite("Damaged chunks")
struct ChunkFuzzTests {
    /// Small chunks of every form: planes, runs of more kinds than planes, heights with and without corrections,
    /// chests.
    private static func chunks() throws -> [Chunk] {
        var random = SeededGenerator(seed: 21)
        var chunks = [try Chunk(layers: 1, of: 5), try Chunk(layers: 2, of: 5)]
        for kinds in [2, 3, 6] {
            var blocks = [UInt16](repeating: 1, count: Chunk.layerSize)
            for _ in 0..<kinds * 2 {
                blocks[Int.random(in: 0..<256, using: &random)] = .random(in: 0...UInt16(kinds), using: &random)
            }
            let heights = (0..<256).map { UInt16($0 < kinds ? 0 : 1) }
            chunks.append(try Chunk(blocks: blocks, heightMap: kinds == 3 ? nil : heights))
        }
        var chest = try Chest(at: BlockPosition(x: 1, y: 2, z: 3), slots: 1)
        try chest.setSlot(0, to: ChestSlot(itemID: 5, count: 64))
        chunks[1].setChest(chest)
        chunks.append(try Chunk(blocks: (0..<512).map { UInt16($0 % 300) }))
        return chunks
    }

    @Test("of a hundred thousand damaged bodies each is refused as corrupt, or is a chunk that can be coded again")
    func bodies() throws {
        let bodies = try Self.chunks().map { try ChunkBody.write($0) }
        var random = SeededGenerator(seed: 22)
        var taken = 0
        for number in 0..<100_000 {
            let body = Mutation.apply(to: bodies[number % bodies.count], pool: bodies, using: &random)
            do throws(WorldError) {
                let chunk = try ChunkBody.read(body)
                taken += 1
                // Coding again costs ten times what reading does.
                guard number % 16 == 0 else { continue }
                let again = try ChunkBody.read(try ChunkBody.write(chunk))
                #expect(again == chunk)
            } catch {
                if error.code != .corrupt { Issue.record("\(body): \(error)") }
            }
        }
        #expect(taken > 1_000)
    }

    @Test("damaged payloads are refused, whatever their checksum, or read as some chunk")
    func payloads() throws {
        let payloads =
            try Self.chunks().map { try ChunkCodec.encode($0).bytes }
            + [try ChunkCodec.encode(try SampleTerrain.chunk(seed: 1, layers: 72)).bytes]
        var random = SeededGenerator(seed: 23)
        for number in 0..<5_000 {
            let bytes = Mutation.apply(to: payloads[number % payloads.count], pool: payloads, using: &random)
            do throws(WorldError) {
                _ = try ChunkCodec.decode(PartPayload(bytes))
            } catch {
                if ![.corrupt, .newerFormat].contains(error.code) { Issue.record("\(bytes): \(error)") }
            }
        }
    }

    @Test("a frame that claims more than a body may have is refused before anything is allocated for it")
    func claims() throws {
        // A frame's magic number, then its descriptor for one segment with a size of 8 bytes.
        let header: [UInt8] = [ChunkCodec.Format.zstd, 0x28, 0xB5, 0x2F, 0xFD, 0xE0]
        for size in [UInt64(4_194_305), 1 << 40, .max - 2, .max] {
            let bytes = header + withUnsafeBytes(of: size.littleEndian) { Array($0) } + [1, 0, 0]
            let error = #expect(throws: WorldError.self) { try ChunkCodec.decode(PartPayload(bytes)) }
            #expect(error?.code == .corrupt)
        }
    }

    @Test("damaged lines are refused, or are chunks that are written as lines again")
    func lines() throws {
        let lines = try Self.chunks().dropLast().enumerated().map { number, chunk in
            try ChunkLine(position: ChunkPosition(x: Int32(number), z: -1), chunk: chunk).write()
        }
        let short = lines.map { $0.count > 400 ? Array(#"{"x":1,"z":-1,"blocks":[[1,200],[0,56]]}"#.utf8) : $0 }
        var random = SeededGenerator(seed: 24)
        var taken = 0
        for number in 0..<20_000 {
            let line = Mutation.apply(to: short[number % short.count], pool: lines, using: &random)
            do throws(WorldError) {
                let read = try ChunkLine(line)
                taken += 1
                guard number % 16 == 0 else { continue }
                let again = try ChunkLine(try read.write())
                #expect(again == read)
            } catch {
                if ![.badInput, .outOfRange, .badRuns, .wrongSize].contains(error.code) {
                    Issue.record("\(String(decoding: line, as: UTF8.self)): \(error)")
                }
            }
        }
        #expect(taken > 50)
    }
}
