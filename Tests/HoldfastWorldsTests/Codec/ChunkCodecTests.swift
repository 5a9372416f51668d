import Foundation
import HoldfastStorage
import ModelTesting
import Testing

@testable import HoldfastWorlds

@Suite("The chunk codec")
struct ChunkCodecTests {
    @Test("terrain with chests and height map comes back exactly", arguments: 0..<10)
    func terrain(seed: Int) throws {
        let chunk = try SampleTerrain.chunk(seed: UInt64(seed), chests: seed % 3)
        let payload = try ChunkCodec.encode(chunk)
        #expect(try ChunkCodec.decode(payload) == chunk)
        #expect(payload.bytes.count < chunk.blocks.count / 10 + 1_000 * chunk.chests.count)
    }

    @Test("any chunk comes back exactly, whatever its blocks, heights and chests")
    func anyChunk() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<100 {
            let chunk = try SampleTerrain.anyChunk(&random)
            #expect(try ChunkCodec.decode(try ChunkCodec.encode(chunk)) == chunk)
        }
    }

    @Test("the largest chunk of noise comes back exactly")
    func noise() throws {
        var random = SeededGenerator(seed: 2)
        for highest in [UInt16(255), .max] {
            let blocks = (0..<65_536).map { _ in UInt16.random(in: 0...highest, using: &random) }
            let chunk = try Chunk(blocks: blocks)
            #expect(try ChunkCodec.decode(try ChunkCodec.encode(chunk)) == chunk)
        }
    }

    @Test("one and the same chunk has one form")
    func deterministic() throws {
        let chunk = try SampleTerrain.chunk(seed: 3, chests: 4)
        var other = try Chunk(blocks: chunk.blocks, heightMap: chunk.heightMap)
        for chest in chunk.chests.values.sorted(by: { $0.position < $1.position }).reversed() { other.setChest(chest) }
        #expect(try ChunkCodec.encode(chunk) == ChunkCodec.encode(other))
    }

    @Test("a chunk of nothing but one block takes a few bytes")
    func uniform() throws {
        let payload = try ChunkCodec.encode(try Chunk(layers: 256, of: 1))
        #expect(payload.bytes.count <= 8)
        #expect(try ChunkCodec.decode(payload).blocks == [UInt16](repeating: 1, count: 65_536))
    }

    @Test("the height map of terrain costs next to nothing")
    func heights() throws {
        let chunk = try SampleTerrain.chunk(seed: 4)
        let without = try Chunk(blocks: chunk.blocks)
        #expect(try ChunkBody.write(chunk).count - ChunkBody.write(without).count < 10)
    }

    @Test("an altered byte or checksum is refused as corrupt")
    func altered() throws {
        let payload = try ChunkCodec.encode(try SampleTerrain.chunk(seed: 5))
        var bytes = payload.bytes
        bytes[bytes.count / 2] ^= 1
        expect(.corrupt, PartPayload(bytes: bytes, checksum: payload.checksum))
        expect(.corrupt, PartPayload(bytes: payload.bytes, checksum: payload.checksum ^ 1))
    }

    @Test("a format byte of a newer build is refused as such")
    func newerFormat() throws {
        var bytes = try ChunkCodec.encode(try SampleTerrain.chunk(seed: 6)).bytes
        bytes[0] = 2
        expect(.newerFormat, PartPayload(bytes))
    }

    @Test("truncated bytes are refused as corrupt, at every length")
    func truncated() throws {
        var chunk = try SampleTerrain.chunk(seed: 7, layers: 64, chests: 1)
        let bytes = try ChunkCodec.encode(chunk).bytes
        for count in 0..<bytes.count { expect(.corrupt, PartPayload(Array(bytes.prefix(count)))) }
        chunk = try Chunk(layers: 1, of: 3)
        try chunk.setBlock(4, x: 1, y: 0, z: 1)
        try chunk.setHeightMap([UInt16](repeating: 9, count: 256))
        let body = try ChunkBody.write(chunk)
        for count in 0..<body.count { expect(.corrupt, plain(Array(body.prefix(count)))) }
        expect(.corrupt, plain(body + [0]))
    }

    /// Bodies of one layer; each is whole but for one thing.
    @Test(
        "a body that does not add up is refused as corrupt",
        arguments: [
            ("run beyond the layer", [0, 0, 2, 5, 6, 10, 247, 1]),
            ("runs short of the layer", [0, 0, 2, 5, 6, 10, 20]),
            ("empty run", [0, 0, 2, 5, 6, 10, 0, 246, 1]),
            ("block that does not occur", [0, 0, 2, 5, 6, 0x80, 2]),
            ("nothing left for the last block", [0, 0, 2, 5, 6, 0, 0x80, 2]),
            ("empty palette", [0, 0, 0]),
            ("palette larger than the layer", [0, 0, 0x81, 2]),
            ("block id over 16 bits", [0, 0, 1, 0x80, 0x80, 4]),
            ("unknown flags", [0, 4, 1, 5]),
            ("endless number", [0, 0, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 1]),
            ("too many corrections", [0, 1, 1, 5, 0x81, 2]),
            ("correction of a column that is none", [0, 1, 1, 5, 1, 0x80, 2, 3]),
            ("chests that are no JSON", [0, 2, 1, 5, 0x7B]),
            ("chest that is none", [0, 2, 1, 5] + Array("[{}]".utf8)),
        ] as [(String, [UInt8])]
    )
    func malformed(what: String, body: [UInt8]) {
        expect(.corrupt, plain(body))
    }

    @Test("a palette index outside the palette is refused as corrupt")
    func paletteIndex() throws {
        // 257 kinds of blocks are coded as runs of palette indices.
        let chunk = try Chunk(blocks: (0..<512).map { UInt16($0 % 257) })
        var body = try ChunkBody.write(chunk)
        #expect(try ChunkCodec.decode(plain(body)) == chunk)
        body[body.count - 2] = 0xFF
        body[body.count - 1] = 0x7F
        expect(.corrupt, plain(body))
    }

    /// Set it to a file of chunks, one a line, to measure real terrain.
    static let terrainFile = ProcessInfo.processInfo.environment["HOLDFAST_TERRAIN"]

    @Test("real terrain comes back exactly and stays within its bound", .enabled(if: terrainFile != nil))
    func realTerrain() throws {
        let text = try String(contentsOfFile: try #require(Self.terrainFile), encoding: .utf8)
        var stored = 0
        for line in text.split(separator: "\n") {
            let read = try ChunkLine(Array(line.utf8))
            let payload = try ChunkCodec.encode(read.chunk)
            stored += payload.bytes.count + 8
            #expect(try ChunkCodec.decode(payload) == read.chunk)
            #expect(try read.write() == Array(line.utf8))
        }
        print("stored bytes of real terrain: \(stored)")
        #expect(stored <= 136_146)
    }

    private func plain(_ body: [UInt8]) -> PartPayload {
        PartPayload([ChunkCodec.Format.plain] + body)
    }

    private func expect(_ code: WorldError.Code, _ payload: PartPayload) {
        let error = #expect(throws: WorldError.self) { try ChunkCodec.decode(payload) }
        #expect(error?.code == code)
    }
}
