import HoldfastStorage
import HoldfastWorlds
import Testing

@testable import HoldfastProfiles

@Suite("Periodic copies of worlds", .timeLimit(.minutes(3)))
struct WorldBackupTests {
    private let id: WorldID
    private let house = BlockPosition(x: 3, y: 9, z: -5)
    private let tower = BlockPosition(x: 80, y: 9, z: 80)
    private let crater = BlockPosition(x: -80, y: 9, z: 80)

    init() throws {
        id = try WorldID(owner: "42")
    }

    private func blocks(_ server: WorldServer) async throws -> [UInt16] {
        let read = try await server.worlds.reader.world(id)
        let world = try #require(read).world
        return try [house, tower, crater].map { try world.block(at: $0) }
    }

    @Test("a copy brings a world back with its chunks, and what it replaces becomes a copy, too")
    func restores() async throws {
        let fleet = try await WorldFleet()
        let server = try await fleet.server("a")
        let worlds = server.worlds.collection
        let host = server.coordinator.host
        let duty = BackupDuty(
            policy: BackupPolicy(every: .milliseconds(10), keep: 2), store: host.store, vault: host.backupVault,
            metrics: host.metrics, diagnostics: host.diagnostics)
        try await server.worlds.withSession(for: id) { session in
            try session.edit { world in
                try world.setBlock(5, at: house)
                try world.setBlock(6, at: tower)
            }
        }
        try await duty.turn()
        try await server.worlds.withSession(for: id) { session in
            try session.edit { world in
                try world.setBlock(9, at: house)
                try world.resetChunk(at: ChunkPosition(of: tower))
                try world.setBlock(8, at: crater)
            }
        }
        #expect(try await blocks(server) == [9, 0, 8])

        let copies = try await worlds.backups(of: id.key)
        let copy = try #require(copies.first)
        #expect(copy.parts == 2)
        let receipt = try await worlds.restore(id.key, from: copy)
        #expect(receipt.restored == 1 && receipt.version == 3 && receipt.replaced == 2)
        #expect(try await blocks(server) == [5, 6, 0])
        // A session finds what the store has, and saves over it.
        try await server.worlds.withSession(for: id) { session in
            #expect(try session.document.block(at: tower) == 6)
            try session.edit { try $0.setBlock(7, at: tower) }
        }
        #expect(try await blocks(server) == [5, 7, 0])

        let kept = try await worlds.backups(of: id.key)
        let replaced = try #require(kept.first { $0.version == 2 })
        _ = try await worlds.restore(id.key, from: replaced)
        #expect(try await blocks(server) == [9, 0, 8])
        // A deleted world comes back likewise.
        let session = try await server.worlds.open(id)
        try await session.delete()
        let deleted = try await server.worlds.reader.world(id)
        #expect(deleted == nil)
        _ = try await worlds.restore(id.key, from: copy)
        #expect(try await blocks(server) == [5, 6, 0])
        try await server.drain()
    }
}
