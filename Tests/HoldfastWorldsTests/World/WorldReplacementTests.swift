import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds
import Testing

@Suite("A world that is replaced as a whole", .timeLimit(.minutes(3)))
struct WorldReplacementTests {
    private let id: WorldID
    private let here = BlockPosition(x: 3, y: 9, z: -5)
    private let there = BlockPosition(x: 99, y: 9, z: 99)

    init() throws {
        id = try WorldID(owner: "42")
    }

    @Test("what a save under way brings of the world before does not stay in the one that replaced it")
    func duringSave() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try session.edit { try $0.setBlock(5, at: here) }
        let gate = Gate()
        fleet.faults.hold(gate)
        async let saved = session.save()
        await gate.waitForArrival()
        try session.edit { world in
            world = World(owner: "42", seed: world.seed)
            try world.setBlock(6, at: there)
        }
        gate.open()
        _ = try await saved
        #expect(session.document.chunkPositions == [ChunkPosition(of: there)])
        try await session.close()
        #expect(try await fleet.storedChunks(of: id) == ["chunk/6,6"])
        try await server.drain()
    }

    @Test("a chunk that is changed again during a save, and one that is reset, are stored as they are then")
    func changedDuringSave() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try session.edit { world in
            try world.setBlock(5, at: here)
            try world.setBlock(5, at: there)
        }
        let gate = Gate()
        fleet.faults.hold(gate)
        async let saved = session.save()
        await gate.waitForArrival()
        try session.edit { world in
            try world.setBlock(6, at: here)
            try world.resetChunk(at: ChunkPosition(of: there))
        }
        gate.open()
        _ = try await saved
        try await session.close()
        #expect(try await fleet.storedChunks(of: id) == ["chunk/0,-1"])
        #expect(try await server.worlds.reader.world(id)?.world.block(at: here) == 6)
        try await server.drain()
    }

    @Test("a new world in the place of the one before has its terrain, and drops what is as generated")
    func terrain() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        let ground = BlockPosition(x: 3, y: 1, z: -5)
        try session.edit { world in
            world = World(owner: "42", seed: world.seed)
            try world.setChunk(
                try #require(FlatTerrain().chunk(at: ChunkPosition(x: 2, z: 2), seed: world.seed)),
                at: ChunkPosition(x: 2, z: 2))
        }
        #expect(try session.document.block(at: ground) == 1)
        try await session.close()
        #expect(try await fleet.storedChunks(of: id).isEmpty)
        try await server.drain()
    }

    @Test("a copy of another world is taken where one save can write it, and refused at once where none can")
    func copy() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let pattern = try WorldID(owner: "7")
        let chunk = try Chunk(layers: 1, of: 9)
        func build(_ chunks: Range<Int>) async throws {
            try await server.worlds.withSession(for: pattern) { session in
                try session.edit { world in
                    for x in chunks { try world.setChunk(chunk, at: ChunkPosition(x: Int32(x), z: 0)) }
                }
            }
        }
        try await build(0..<4_000)
        let session = try await server.worlds.open(id)
        let small = try #require(try await server.worlds.reader.world(pattern)).world
        try session.edit { $0 = small }
        // What the copy needs of the save is counted with what comes after it.
        let refusal = #expect(throws: WorldError.self) {
            try session.edit { world in
                for x in 0..<97 { try world.setChunk(chunk, at: ChunkPosition(x: Int32(x), z: 1)) }
            }
        }
        #expect(refusal?.code == .tooManyChanges)
        try session.edit { try $0.setBlock(5, at: here) }
        try await session.save()
        #expect(try await server.worlds.reader.world(id)?.world.chunkPositions.count == 4_001)

        try await build(4_000..<4_100)
        let large = try #require(try await server.worlds.reader.world(pattern)).world
        let other = try await server.worlds.open(try WorldID(owner: "8"))
        let error = #expect(throws: ProfileError.self) { try other.edit { $0 = large } }
        #expect(error?.code == .badInput)
        try other.edit { try $0.setBlock(5, at: here) }
        try await other.close()
        try await session.close()
        try await server.drain()
    }
}
