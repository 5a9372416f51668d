import HoldfastProfiles
import HoldfastStorage
import ModelTesting
import Testing

@testable import HoldfastWorlds

@Suite("What one save of a world takes", .timeLimit(.minutes(3)))
struct WorldBoundTests {
    private static let many = PartWrite.maximumCount

    private static func world(chunks: Int, of block: UInt16 = 1) throws -> World {
        var world = World(owner: "42")
        let chunk = try Chunk(layers: 1, of: block)
        for x in 0..<chunks { try world.setChunk(chunk, at: ChunkPosition(x: Int32(x), z: 0)) }
        return world
    }

    /// A chunk with a chest whose note has so many characters, and which compresses well or not at all.
    private static func chunk(note count: Int, isRandom: Bool = false) throws -> Chunk {
        var random = SeededGenerator(seed: 1)
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-".utf8)
        let note =
            isRandom
            ? (0..<count).map { _ in letters[Int(random.next() & 63)] } : [UInt8](repeating: letters[0], count: count)
        var chest = try Chest(at: BlockPosition(x: 1, y: 2, z: 3), slots: 1)
        chest.fields["note"] = .string(String(decoding: note, as: UTF8.self))
        var chunk = try Chunk(layers: 1, of: 1)
        chunk.setChest(chest)
        return chunk
    }

    private func code(_ change: () throws -> Void) -> WorldError.Code? {
        #expect(throws: WorldError.self, performing: change)?.code
    }

    @Test("a chunk beyond those of one save is refused, chunks that go back to their generated state are not")
    func chunks() throws {
        var world = try Self.world(chunks: Self.many)
        let chunk = try Chunk(layers: 1, of: 2)
        #expect(code { try world.setChunk(chunk, at: ChunkPosition(x: -1, z: 0)) } == .tooManyChanges)
        #expect(!world.hasOwnChunk(at: ChunkPosition(x: -1, z: 0)))
        try world.setChunk(chunk, at: ChunkPosition(x: 7, z: 0))
        try world.resetChunk(at: ChunkPosition(x: -2, z: 0))
        try world.resetChunk(at: ChunkPosition(x: 0, z: 0))
        try world.setChunk(chunk, at: ChunkPosition(x: -1, z: 0))
        #expect(code { try world.setChunk(chunk, at: ChunkPosition(x: 0, z: 0)) } == .tooManyChanges)
        #expect(world.chunkPositions.count == Self.many)
    }

    @Test("bytes beyond those of one save are refused before anything is changed, and what was taken can be saved")
    func bytes() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(try WorldID(owner: "42"))
        let large = try Self.chunk(note: 1_000_000)
        let fitting = PartWrite.maximumBytes / 1_000_000
        for x in 0..<fitting { try session.edit { try $0.setChunk(large, at: ChunkPosition(x: Int32(x), z: 0)) } }
        let next = ChunkPosition(x: Int32(fitting), z: 0)
        #expect(code { try session.edit { try $0.setChunk(large, at: next) } } == .tooManyChanges)
        // Neither a replacement nor anything small is in the way.
        try session.edit { try $0.setChunk(large, at: ChunkPosition(x: 0, z: 0)) }
        try session.edit { try $0.setBlock(5, at: BlockPosition(x: 16, y: 2, z: 0)) }
        try await session.save()
        try session.edit { try $0.setChunk(large, at: next) }
        try await session.close()
        #expect(try await fleet.storedChunks(of: try WorldID(owner: "42")).count == fitting + 1)
        try await server.drain()
    }

    @Test("terrain counts as its run lengths do, not as its blocks")
    func measured() throws {
        var world = World(owner: "42")
        let chunk = try Chunk(layers: 256, of: 1)
        // Their bounds alone are several times what one save takes.
        for x in 0..<200 { try world.setChunk(chunk, at: ChunkPosition(x: Int32(x), z: 0)) }
        #expect(world.chunkPositions.count == 200)
    }

    @Test("no chunk is larger than its bound says")
    func bound() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<40 {
            let chunk = try SampleTerrain.anyChunk(&random)
            var size = try ChunkSize(of: chunk, after: nil)
            let bound = size.bytes
            try size.measure(chunk)
            #expect(size.bytes <= bound)
            #expect(try ChunkCodec.encode(chunk).bytes.count <= size.bytes)
        }
    }

    @Test("a chunk over its limit is refused, and so are chests that JSON has no form for")
    func single() throws {
        var world = World(owner: "42")
        let place = ChunkPosition(x: 0, z: 0)
        #expect(code { try world.setChunk(try Self.chunk(note: 1_500_000, isRandom: true), at: place) } == .tooLarge)
        #expect(code { try world.setChunk(try Self.chunk(note: 4_200_000), at: place) } == .tooLarge)
        var chest = try Chest(at: BlockPosition(x: 1, y: 2, z: 3), slots: 1)
        chest.fields["weight"] = .double(.nan)
        #expect(code { try world.setChest(chest) } == .badInput)
        #expect(world.chunkPositions.isEmpty)
        try world.setChunk(try Self.chunk(note: 1_500_000), at: place)
    }

    @Test("a world that begins anew drops more chunks in one save than one may write")
    func beginsAnew() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let id = try WorldID(owner: "42")
        let session = try await server.worlds.open(id)
        let chunk = try Chunk(layers: 1, of: 1)
        for z in 0..<2 {
            try session.edit { world in
                for x in 0..<2_100 { try world.setChunk(chunk, at: ChunkPosition(x: Int32(x), z: Int32(z))) }
            }
            try await session.save()
        }
        try session.edit { world in
            try world.resetAllChunks(seed: 9)
            try world.setBlock(5, at: BlockPosition(x: 0, y: 9, z: 0))
        }
        #expect(session.document.chunkPositions == [ChunkPosition(x: 0, z: 0)])
        #expect(try session.document.block(at: BlockPosition(x: 99, y: 1, z: 99)) == 1)
        try await session.save()
        #expect(session.version == 3)
        #expect(try await fleet.storedChunks(of: id) == ["chunk/0,0"])
        try await session.close()
        try await server.drain()
    }

    @Test("a change that the store turns out to have already takes no place in the save after next")
    func storedBefore() throws {
        var table = ChunkTable()
        table.isLoaded = true
        let place = ChunkPosition(x: -1, z: 0)
        let chunk = try Chunk(layers: 1, of: 1)
        try table.set(chunk, at: place)
        let stored = [place.partName: try ChunkCodec.encode(chunk).checksum]
        #expect(try table.changes(since: stored, seed: 0, terrain: nil).isEmpty)
        table.stored([], of: table, stored: stored)
        for x in 0..<Self.many { try table.set(chunk, at: ChunkPosition(x: Int32(x), z: 0)) }
        #expect(try table.chunk(at: place) == chunk)
    }

    @Test("a chunk more than a world may have is refused")
    func world() throws {
        var table = ChunkTable()
        let payload = PartPayload([0])
        let parts = (0..<World.maximumChunks).map { index in
            let position = ChunkPosition(x: Int32(index), z: 0)
            return Part(name: position.partName, version: 1, payload: payload)
        }
        try table.take(parts)
        let chunk = try Chunk(layers: 1, of: 1)
        #expect(code { try table.set(chunk, at: ChunkPosition(x: -1, z: 0)) } == .tooLarge)
        try table.set(chunk, at: ChunkPosition(x: 0, z: 0))
        try table.set(nil, at: ChunkPosition(x: 1, z: 0))
        try table.set(chunk, at: ChunkPosition(x: -1, z: 0))
        #expect(code { try table.set(chunk, at: ChunkPosition(x: 1, z: 0)) } == .tooLarge)
    }
}
