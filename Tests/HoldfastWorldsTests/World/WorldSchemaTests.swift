import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds
import Testing

@Suite("Schemas of worlds", .timeLimit(.minutes(3)))
struct WorldSchemaTests {
    private let id: WorldID

    init() throws {
        id = try WorldID(owner: "42")
    }

    /// A world of schema 2, saved by a server that is gone.
    private func fleet(compatible: Int?) async throws -> WorldFleet {
        let fleet = try await WorldFleet()
        let server = try await fleet.server(
            "new",
            configure: { options throws(ProfileError) in
                try options.migrate(to: 2, compatibleWith: compatible) { json in
                    guard var world = json.object else { return }
                    world["metadata"] = ["mode": "calm"]
                    json = .object(world)
                }
            })
        try await server.worlds.withSession(for: id) { session in
            try session.edit { try $0.setBlock(5, at: BlockPosition(x: 3, y: 9, z: -5)) }
        }
        try await server.drain()
        return fleet
    }

    @Test("a reader refuses a newer world by name and reads it once it knows the schema")
    func newer() async throws {
        let fleet = try await fleet(compatible: nil)
        let error = await #expect(throws: StoreError.self) { try await WorldReader(fleet.memory).world(id) }
        #expect(error?.code == .newerSchema)
        #expect(error?.message.contains("schema 2") == true)
        #expect(try await WorldReader(fleet.memory, schema: 2).world(id) != nil)
        let old = try await fleet.server("old")
        let refusal = await #expect(throws: StoreError.self) { try await old.worlds.reader.world(id) }
        #expect(refusal?.code == .newerSchema)
        // A list tells of worlds without reading them.
        #expect(try await old.worlds.reader.worlds(of: "42").count == 1)
        try await old.drain()
    }

    @Test("a newer world that its build called compatible is read")
    func compatible() async throws {
        let fleet = try await fleet(compatible: 1)
        #expect(try await WorldReader(fleet.memory).world(id)?.world.chunkPositions.count == 1)
        let old = try await fleet.server("old")
        #expect(try await old.worlds.reader.world(id)?.world.chunkPositions.count == 1)
        try await old.drain()
    }

    @Test("a store's reader migrates the fields of older worlds")
    func older() async throws {
        let fleet = try await WorldFleet()
        let old = try await fleet.server("old")
        try await old.worlds.withSession(for: id) { _ in }
        try await old.drain()
        let new = try await fleet.server(
            "new",
            configure: { options throws(ProfileError) in
                try options.migrate(to: 2) { json in
                    guard var world = json.object else { return }
                    world["metadata"] = ["mode": "calm"]
                    json = .object(world)
                }
            })
        #expect(try await new.worlds.reader.world(id)?.world.metadata == ["mode": "calm"])
        try await new.drain()
    }
}
