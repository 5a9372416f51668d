import Foundation
import HoldfastPrivateServers
import HoldfastWorlds

/// What the chunks of an exported world take in the store, against gzip on each line of the export.
struct WorldSizeRow: Sendable {
    private static let gzip = ["-9", "-n", "-q"]

    /// Measures the row on the file that the operator names.
    func run(_ context: BenchContext) async throws -> BenchRow {
        guard let file = context.terrain else {
            throw BenchSkip(reason: "it measures real terrain: name a world's export with --terrain FILE")
        }
        let lines = try BenchTerrain.lines(of: file)
        let chunks = try lines.map { try ChunkLine($0).chunk }
        let pairs = try await BenchPair.measure(
            progress: context.finishedPair,
            ours: { Double(try Self.storedBytes(chunks)) }, ceiling: { Double(try Self.gzipBytes(lines)) })
        return BenchRow(
            name: BenchName.worldSize.rawValue, unit: "bytes",
            ceilingCommand:
                "gzip -9 on each of the \(lines.count) lines of the export; ours is each chunk by itself, with "
                + "format byte, heights, chests and a checksum of 8 bytes",
            pairs: pairs)
    }

    private static func storedBytes(_ chunks: [Chunk]) throws -> Int {
        try chunks.reduce(0) { sum, chunk in
            let payload = try ChunkCodec.encode(chunk)
            guard try ChunkCodec.decode(payload) == chunk else { throw BenchError("a chunk did not come back") }
            return sum + payload.bytes.count + MemoryLayout.size(ofValue: payload.checksum)
        }
    }

    private static func gzipBytes(_ lines: [[UInt8]]) throws -> Int {
        let folder = try TemporaryFolder()
        let files = lines.indices.map { folder.file("\($0)") }
        for (file, line) in zip(files, lines) { try Data(line).write(to: URL(fileURLWithPath: file)) }
        _ = try ChildProcess.output(of: "gzip", gzip + files, patience: .seconds(120))
        return try files.reduce(0) { $0 + (try Data(contentsOf: URL(fileURLWithPath: "\($1).gz"))).count }
    }
}
