import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds
import Synchronization

/// The payload bytes that a store is handed for one changed block, against those of the whole world of 2 MB.
struct WorldChangeRow: Sendable {
    private static let worldBytes = 2_000_000

    /// Measures the row in this process alone.
    func run(_ context: BenchContext) async throws -> BenchRow {
        let handed = Mutex(0)
        let store = FailingStore(InMemoryStore(deployment: "bench")) { call in
            if case .execute(let group) = call.kind {
                handed.withLock { $0 += group.reduce(0) { $0 + $1.payloadBytes } }
            }
            return .none
        }
        var configuration = CoordinatorConfiguration(serverID: "bench")
        configuration.autosave = .seconds(3_600)
        configuration.timings = try await store.migrate(DeploymentTimings()).timings
        let coordinator = try Coordinator(
            configuration: configuration, backend: InMemoryCoordinationBackend(), store: store, logger: context.logger)
        let worlds = try WorldStore(coordinator, terrain: nil)
        let running = Task { try await coordinator.run() }
        defer { running.cancel() }
        try await coordinator.waitUntilReady()

        let id = try WorldID(owner: "bench")
        let session = try await worlds.open(id)
        let chunks = try BenchTerrain.chunks(64)
        var columns: Int32 = 0
        while try await worlds.reader.world(id)?.storedBytes ?? 0 < Self.worldBytes {
            for (z, chunk) in chunks.enumerated() {
                try session.edit { try $0.setChunk(chunk, at: ChunkPosition(x: columns, z: Int32(z))) }
            }
            columns += 1
            try await session.save()
        }
        let size = try await worlds.reader.world(id)?.storedBytes ?? 0
        var generator = SeededGenerator(seed: 6)
        var pairs: [BenchPair] = []
        for round in 0..<BenchPair.count {
            let place = BlockPosition(
                x: .random(in: 0..<columns * 16, using: &generator), y: 40, z: .random(in: 0..<1_024, using: &generator)
            )
            handed.withLock { $0 = 0 }
            try session.edit { try $0.setBlock(UInt16(200 + round), at: place) }
            try await session.save()
            pairs.append(BenchPair(ours: Double(handed.withLock { $0 }), ceiling: Double(size)))
            context.finishedPair()
        }
        try await session.close()
        coordinator.requestDrain()
        try await running.value
        return BenchRow(
            name: BenchName.worldChange.rawValue, unit: "bytes",
            ceilingCommand: "all that the store has of a world of 2 MB; ours is one save after one changed block",
            pairs: pairs)
    }
}
