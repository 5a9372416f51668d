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
}
