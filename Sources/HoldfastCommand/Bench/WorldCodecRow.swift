import HoldfastStorage
import HoldfastWorlds

/// Coding a whole world and reading it back, on one thread, against zstd alone at the same level.
struct WorldCodecRow: Sendable {
    private static let count = 64

    let name: BenchName

    /// Against zstd on the very bytes that the codec is given: the memory of a chunk's blocks and heights.
    func onBlocks(_ context: BenchContext) async throws -> BenchRow {
        let chunks = try Self.chunks(context)
        let plain = chunks.map { Self.bytes(of: $0.blocks) + Self.bytes(of: $0.heightMap ?? []) }
        return try await run(
            chunks, against: plain, context,
            ceiling: "zstd -\(ChunkCodec.level), one thread, on the two bytes of each block and height of a chunk, "
                + "the codec's input, and back; \(Self.source(context))")
    }

    /// Against zstd on what the codec hands to it: all that the codec adds is loss.
    func onBodies(_ context: BenchContext) async throws -> BenchRow {
        let chunks = try Self.chunks(context)
        return try await run(
            chunks, against: try chunks.map { try ChunkBody.write($0) }, context,
            ceiling: "zstd -\(ChunkCodec.level), one thread, on the run lengths that the codec hands to it, and back; "
                + Self.source(context))
    }

    private static func chunks(_ context: BenchContext) throws -> [Chunk] {
        guard let file = context.terrain else { return try BenchTerrain.chunks(count) }
        return try BenchTerrain.lines(of: file).map { try ChunkLine($0).chunk }
    }

    private static func source(_ context: BenchContext) -> String {
        context.terrain == nil ? "\(count) chunks that were made up" : "the chunks of --terrain"
    }

    private static func bytes(of numbers: [UInt16]) -> [UInt8] {
        numbers.withUnsafeBytes { Array($0) }
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
