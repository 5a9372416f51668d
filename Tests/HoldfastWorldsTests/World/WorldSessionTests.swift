import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds
import ModelTesting
import Testing

@Suite("Worlds as sessions", .timeLimit(.minutes(3)))
struct WorldSessionTests {
    private let id: WorldID
    private let ground = BlockPosition(x: 3, y: 1, z: -5)
    private let air = BlockPosition(x: 3, y: 9, z: -5)

    init() throws {
        id = try WorldID(owner: "42")
    }

    @Test("a changed block is stored as one chunk, and another server finds it")
    func change() async throws {
        let fleet = try await WorldFleet()
        let first = try await fleet.server("a")
        let second = try await fleet.server("b")
        let session = try await first.worlds.open(id, ownerName: "Ada")
        try session.edit { try $0.setBlock(5, at: air) }
        #expect(try await session.save().wrote)
        #expect(try await fleet.storedChunks(of: id) == ["chunk/0,-1"])
        // The first server hands over.
        let other = try await second.worlds.open(id)
        #expect(try other.document.block(at: air) == 5)
        #expect(try other.document.block(at: ground) == 1)
        #expect(other.document.name == "Ada's World")
        #expect(other.document.seed == session.document.seed)
        try await other.close()
        try await first.drain()
        try await second.drain()
    }

    @Test("a field that is set by its path leaves unsaved and stored chunks alone")
    func pathEdit() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try session.edit { try $0.setBlock(5, at: air) }
        try await session.save()
        try session.edit { try $0.setBlock(6, at: ground) }
        try session.set("Elsewhere", at: "name")
        #expect(try session.document.block(at: ground) == 6)
        try await session.close()
        try await server.worlds.withSession(for: id) { session in
            #expect(session.document.name == "Elsewhere")
            let blocks = [try session.document.block(at: air), try session.document.block(at: ground)]
            #expect(blocks == [5, 6])
        }
        try await server.drain()
    }

    @Test("a visitor comes in while a transaction uses the world, whose owner's name can wait")
    func visitDuringTransaction() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try await session.save()
        let gate = Gate()
        fleet.faults.hold(gate)
        let moved = Task {
            _ = try await server.coordinator.transaction(over: [session]) { scope in
                try scope.edit(session) { try $0.setBlock(5, at: air) }
            }
        }
        await gate.waitForArrival()
        do {
            try await server.worlds.withSession(for: id, ownerName: "Ada") { _ in gate.open() }
        } catch {
            gate.open()
            Issue.record(error)
        }
        try await moved.value
        #expect(try session.document.block(at: air) == 5)
        try await session.close()
        try await server.drain()
    }

    @Test("a store that cannot keep chunks refuses a new world when it is opened")
    func oldLayout() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        fleet.faults.refuseParts()
        let error = await #expect(throws: ProfileError.self) { try await server.worlds.open(id) }
        #expect(error?.code == .wrongDeployment)
        try await server.drain()
    }

    @Test("a world that was only opened keeps its seed, its owner and her id")
    func untouched() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let seed = try await server.worlds.withSession(for: id) { $0.document.seed }
        let session = try await server.worlds.open(id)
        #expect(session.document.seed == seed)
        #expect(session.document.owner == "42")
        #expect(session.userIDs == ["42"])
        #expect(try await fleet.storedChunks(of: id).isEmpty)
        try await session.close()
        try await server.drain()
    }

    @Test("one changed block of a large world hands the store at most a hundredth of it")
    func bytes() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        var random = SeededGenerator(seed: 1)
        let session = try await server.worlds.open(id)
        for x in 0..<230 {
            let blocks = (0..<2_048).map { _ in UInt16.random(in: 1...UInt16.max, using: &random) }
            try session.edit { try $0.setChunk(try Chunk(blocks: blocks), at: ChunkPosition(x: Int32(x), z: 0)) }
        }
        try await session.save()
        let size = try #require(try await server.worlds.reader.world(id)).storedBytes
        #expect(size > 2_000_000)
        try session.edit { try $0.setBlock(4, at: BlockPosition(x: 16 * 100, y: 3, z: 3)) }
        try await session.save()
        let last = try #require(fleet.faults.commits.last)
        #expect(last.writes[0].parts.count == 1)
        #expect(StoreRequest.commit(last).payloadBytes * 100 <= size)
        try await session.close()
        try await server.drain()
    }

    @Test("a chunk that is as generated again is dropped, an emptied one stays")
    func generated() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try session.edit { world in
            try world.setBlock(5, at: air)
            try world.setChunk(try Chunk(layers: 1), at: ChunkPosition(x: 7, z: 7))
            // Nothing but air, as generated.
            try world.setChunk(try Chunk(layers: 3), at: ChunkPosition(x: 200, z: 0))
            try world.setBlock(1, at: BlockPosition(x: 40, y: 1, z: 40))
        }
        try await session.save()
        #expect(try await fleet.storedChunks(of: id) == ["chunk/0,-1", "chunk/7,7"])
        try session.edit { try $0.setBlock(Chunk.air, at: air) }
        try await session.save()
        #expect(try await fleet.storedChunks(of: id) == ["chunk/7,7"])
        try session.edit { try $0.resetChunk(at: ChunkPosition(x: 7, z: 7)) }
        #expect(session.document.chunkPositions.isEmpty)
        try await session.close()
        #expect(try await fleet.storedChunks(of: id).isEmpty)
        let again = try await server.worlds.open(id)
        #expect(try again.document.block(at: ground) == 1)
        try await again.close()
        try await server.drain()
    }

    @Test("a save whose answer was lost is repeated with the same chunks")
    func lostAnswer() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try session.edit { try $0.setBlock(5, at: air) }
        fleet.faults.inject(.before(StoreError(.outcomeUnknown, "injected")), .after())
        try await session.save()
        let commits = fleet.faults.commits
        #expect(commits.count == 3)
        #expect(Set(commits.map { $0.writes[0].saveID }).count == 1)
        #expect(commits.allSatisfy { $0.writes[0].parts == commits[0].writes[0].parts })
        #expect(session.version == 1)
        try await session.close()
        #expect(try await fleet.storedChunks(of: id) == ["chunk/0,-1"])
        try await server.drain()
    }

    @Test("a block set while a save is under way goes with the next one")
    func editDuringSave() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try session.edit { try $0.setBlock(5, at: air) }
        let gate = Gate()
        fleet.faults.hold(gate)
        async let saved = session.save()
        await gate.waitForArrival()
        try session.edit { try $0.setBlock(6, at: air) }
        gate.open()
        _ = try await saved
        let stored = try #require(try await server.worlds.reader.world(id))
        #expect(try stored.world.block(at: air) == 5)
        #expect(try session.document.block(at: air) == 6)
        try await session.close()
        let chunk = try await server.worlds.reader.chunk(at: ChunkPosition(of: air), of: id)
        #expect(try chunk?.block(x: 3, y: 9, z: 11) == 6)
        try await server.drain()
    }

    @Test("a superseded session writes no chunk")
    func fenced() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try session.edit { try $0.setBlock(5, at: air) }
        try await session.save()
        try session.edit { world in
            try world.setBlock(6, at: air)
            try world.setBlock(6, at: BlockPosition(x: 99, y: 9, z: 99))
        }
        _ = try await fleet.memory.raiseFence(of: session.id)
        let error = await #expect(throws: ProfileError.self) { try await session.save() }
        #expect(error?.code == .fenced)
        #expect(try await fleet.storedChunks(of: id) == ["chunk/0,-1"])
        let stored = try #require(try await server.worlds.reader.world(id))
        #expect(try stored.world.block(at: air) == 5)
        try await server.drain()
    }

    @Test("a document put back as it was before is stored so, chunks too")
    func putBack() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        let (elsewhere, third) = (BlockPosition(x: 99, y: 9, z: 9), BlockPosition(x: -99, y: 9, z: 9))
        try session.edit { world in
            try world.setBlock(5, at: air)
            try world.setBlock(5, at: third)
        }
        try await session.save()
        let before = session.document
        try session.edit { world in
            try world.setBlock(6, at: air)
            try world.setBlock(6, at: elsewhere)
            try world.resetChunk(at: ChunkPosition(of: third))
        }
        try await session.save()
        try session.edit { $0 = before }
        try await session.close()
        let stored = try #require(try await server.worlds.reader.world(id))
        #expect(try stored.world.block(at: air) == 5)
        #expect(try stored.world.block(at: third) == 5)
        #expect(try await fleet.storedChunks(of: id).count == 2)
        try await server.drain()
    }

    @Test("an edit that throws changes nothing, and places outside are refused")
    func refusedEdit() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        let error = #expect(throws: WorldError.self) {
            try session.edit { world in
                try world.setBlock(5, at: air)
                try world.setBlock(5, at: BlockPosition(x: 0, y: 256, z: 0))
            }
        }
        #expect(error?.code == .outOfRange)
        #expect(session.document.chunkPositions.isEmpty)
        try await session.close()
        try await server.drain()
    }

    @Test("a damaged chunk is refused when it is needed, keeps no other from use and stays as it is")
    func damaged() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try session.edit { try $0.setBlock(5, at: air) }
        try await session.close()
        let bad = PartPayload(bytes: [1, 2, 3], checksum: 4)
        try await fleet.plant(PartWrite(name: PartName("chunk/0,0"), payload: bad), into: id)
        let again = try await server.worlds.open(id)
        let error = #expect(throws: WorldError.self) {
            try again.edit { try $0.setBlock(5, at: BlockPosition(x: 0, y: 0, z: 0)) }
        }
        #expect(error?.code == .corrupt)
        try again.edit { try $0.setBlock(6, at: air) }
        try await again.close()
        let stored = try await fleet.memory.parts(of: again.id, names: [PartName("chunk/0,0")])
        #expect(stored[0]?.payload == bad)
        await #expect(throws: StoreError.self) {
            try await server.worlds.reader.chunk(at: ChunkPosition(x: 0, z: 0), of: id)
        }
        try await server.drain()
    }

    @Test("a deleted world leaves no chunk")
    func delete() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try session.edit { try $0.setBlock(5, at: air) }
        try await session.save()
        try await session.delete()
        #expect(try await fleet.storedChunks(of: id).isEmpty)
        #expect(try await server.worlds.reader.world(id) == nil)
        let anew = try await server.worlds.open(id)
        #expect(try anew.document.block(at: air) == Chunk.air)
        try await anew.close()
        try await server.drain()
    }

    @Test("a shutdown saves what was changed")
    func shutdown() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try session.edit { try $0.setBlock(5, at: air) }
        try await server.drain()
        #expect(try await fleet.storedChunks(of: id) == ["chunk/0,-1"])
    }

    @Test("a world that was read as a plain profile has no chunks to show, and can replace none")
    func plainRead() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let session = try await server.worlds.open(id)
        try session.edit { try $0.setBlock(5, at: air) }
        try await session.save()
        let fields = try #require(try await server.worlds.collection.read(id.key)).document
        #expect(fields.seed == session.document.seed)
        let error = #expect(throws: WorldError.self) { try fields.block(at: air) }
        #expect(error?.code == .notLoaded)
        let refusal = #expect(throws: ProfileError.self) { try session.edit { $0 = fields } }
        #expect(refusal?.code == .badInput)
        try await session.close()
        #expect(try await fleet.storedChunks(of: id) == ["chunk/0,-1"])
        try await server.drain()
    }

    @Test("an operation reaches a world that nobody has open, in one commit with its receipt")
    func operation() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        _ = try await server.worlds.collection.deliver(PlaceBlock(block: 5, x: 3, y: 9, z: -5), to: id.key, id: "gift")
        let session = try await server.worlds.open(id)
        #expect(try session.document.block(at: air) == 5)
        try await session.close()
        let commit = try #require(fleet.faults.commits.first)
        #expect(commit.settlements.count == 1)
        #expect(commit.writes[0].parts.count == 1)
        try await server.drain()
    }

    @Test("several worlds of one owner are listed, those of other owners are not")
    func several() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        for (owner, name) in [("42", "main"), ("42", "sky"), ("42:7", "main"), ("421", "main"), ("4", "main")] {
            try await server.worlds.withSession(for: try WorldID(owner: owner, name: name)) { session in
                try session.edit { try $0.setBlock(5, at: air) }
            }
        }
        let rows = try await server.worlds.reader.worlds(of: "42")
        #expect(rows.map(\.id.description) == ["42:main", "42:sky"])
        #expect(rows.allSatisfy { $0.chunks == 1 && $0.version == 1 && $0.storedBytes > 0 })
        for (owner, name) in [("", "main"), ("42", "a:b"), ("42", ""), (String(repeating: "x", count: 191), "main")] {
            #expect(throws: WorldError.self) { try WorldID(owner: owner, name: name) }
        }
        try await server.drain()
    }
}
