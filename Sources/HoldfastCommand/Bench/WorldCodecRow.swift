import HoldfastStorage
import HoldfastWorlds

/// Coding a whole world and reading it back, on one thread, against zstd alone at the same level.
struct WorldCodecRow: Sendable {
    private static let chunks = 64

    let name: BenchName

    /// Against zstd on the blocks and heights themselves, which is what the codec is given.
    func onBlocks(_ context: BenchContext) async throws -> BenchRow {
        let chunks = try BenchTerrain.chunks(Self.chunks)
        // All ids and heights of this terrain fit into a byte.
        let plain = chunks.map { chunk in (chunk.blocks + (chunk.heightMap ?? [])).map { UInt8(truncatingIfNeeded: $0) }
        }
        return try await run(
            chunks, against: plain, context,
            ceiling: "zstd -\(ChunkCodec.level) on one byte for each block and height of a chunk, and back")
    }

    /// Against zstd on what the codec hands to it: all that the codec adds is loss.
    func onBodies(_ context: BenchContext) async throws -> BenchRow {
        let chunks = try BenchTerrain.chunks(Self.chunks)
        return try await run(
            chunks, against: try chunks.map { try ChunkBody.write($0) }, context,
            ceiling: "zstd -\(ChunkCodec.level) on the run lengths that the codec hands to it, and back")
    }

    private func run(
        _ chunks: [Chunk], against plain: [[UInt8]], _ context: BenchContext, ceiling: String
    ) async throws -> BenchRow {
        let pairs = try await BenchPair.measure(
            progress: context.finishedPair,
            ours: {
                try Self.measure(chunks, seconds: context.seconds) { chunks in
                    let payloads = try chunks.map { try ChunkCodec.encode($0) }
                    return try zip(payloads, chunks).allSatisfy { try ChunkCodec.decode($0).layers == $1.layers }
                }
            },
            ceiling: {
                try Self.measure(plain, seconds: context.seconds) { plain in
                    let frames = try plain.map { try ChunkCodec.compress($0) ?? [] }
                    return try zip(frames, plain).allSatisfy { try ChunkCodec.decompress($0)?.count == $1.count }
                }
            }
        )
        return BenchRow(name: name.rawValue, unit: "chunks/s", ceilingCommand: ceiling, pairs: pairs)
    }

    /// Chunks there and back in a second.
    private static func measure<Item>(
        _ world: [Item], seconds: Double, _ roundTrip: ([Item]) throws -> Bool
    ) throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        var count = 0
        while clock.now < end {
            guard try roundTrip(world) else { throw BenchError("a chunk did not come back") }
            count += world.count
        }
        return Double(count) / ((clock.now - start) / .seconds(1))
    }
}
