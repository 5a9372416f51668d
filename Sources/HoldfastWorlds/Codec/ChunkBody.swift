import HoldfastStorage

/// The body of a coded chunk: its number of layers, the palette, one plane of run lengths for each kind of block
/// (``BlockPlanes``), the heights that do not follow from the blocks, and the chests as canonical JSON.
package enum ChunkBody {
    private enum Flags {
        static let heightMap: UInt8 = 1
        static let chests: UInt8 = 2
    }

    /// Writes a chunk.
    ///
    /// - Throws: ``WorldError`` with code `badInput` or `tooLarge` for its chests.
    package static func write(_ chunk: Chunk) throws(WorldError) -> [UInt8] {
        var writer = ByteWriter(capacity: 4_096)
        let runs = CurveRuns(of: chunk.blocks)
        let palette = runs.palette
        writer.write(byte: UInt8(chunk.layers - 1))
        writer.write(
            byte: (chunk.heightMap == nil ? 0 : Flags.heightMap) | (chunk.chests.isEmpty ? 0 : Flags.chests))
        writer.write(palette.count)
        if let heights = chunk.heightMap {
            let derived = DerivedHeights(
                passed: DerivedHeights.passed(of: palette, blocks: chunk.blocks, heights: heights))
            for block in palette { writer.write(Int(block) << 1 | (derived.passes(block) ? 1 : 0)) }
            write(heights, unlike: derived.heights(of: chunk.blocks), to: &writer)
        } else {
            for block in palette { writer.write(Int(block)) }
        }
        BlockPlanes.write(runs, to: &writer)
        if !chunk.chests.isEmpty { writer.write(bytes: try write(chunk.chests)) }
        return writer.bytes
    }

    /// More bytes than so many blocks and their heights ever take, chests aside.
    ///
    /// A block costs at most three bytes of the palette, and four of its plane: three for the gap before it and one for
    /// a run of 1, or for its place in the palette and the run. Heights take five bytes each where none follows.
    static func maximumBytes(blocks: Int) -> Int {
        7 * blocks + 3 * BlockPlanes.maximumPlanes + 5 * Chunk.layerSize + 16
    }

    /// Reads a chunk that takes all of the bytes.
    ///
    /// - Throws: ``WorldError`` with code `corrupt`.
    static func read(_ bytes: [UInt8]) throws(WorldError) -> Chunk {
        try bytes.withUnsafeBufferPointer { bytes throws(WorldError) in
            var reader = ByteReader(bytes)
            return try chunk(from: &reader)
        }
    }

    private static func chunk(from reader: inout ByteReader) throws(WorldError) -> Chunk {
        let layers = Int(try reader.readByte()) + 1
        let flags = try reader.readByte()
        guard flags & ~(Flags.heightMap | Flags.chests) == 0 else {
            throw WorldError(.corrupt, "a coded chunk has unknown flags")
        }
        let hasHeights = flags & Flags.heightMap != 0
        let count = try reader.readNumber()
        guard (1...layers * Chunk.layerSize).contains(count) else {
            throw WorldError(.corrupt, "a coded palette has \(count) blocks")
        }
        var palette: [UInt16] = []
        var passed: [UInt16] = []
        for _ in 0..<count {
            let entry = try reader.readNumber()
            guard let block = UInt16(exactly: hasHeights ? entry >> 1 : entry) else {
                throw WorldError(.corrupt, "a coded palette holds a block id over 65,535")
            }
            palette.append(block)
            if hasHeights, entry & 1 == 1 { passed.append(block) }
        }
        let corrections = hasHeights ? try readCorrections(from: &reader) : []
        var chunk = try Chunk(
            blocks: try BlockPlanes.read(layers: layers, palette: palette, from: &reader))
        if hasHeights {
            var heights = DerivedHeights(passed: passed).heights(of: chunk.blocks)
            for correction in corrections { heights[correction.column] = correction.height }
            try chunk.setHeightMap(heights)
        }
        if flags & Flags.chests != 0 {
            for chest in try readChests(reader.readRest()) { chunk.setChest(chest) }
        }
        guard reader.isAtEnd else { throw WorldError(.corrupt, "a coded chunk goes on after its end") }
        return chunk
    }

    // MARK: - Heights and chests

    private static func write(_ heights: [UInt16], unlike derived: [UInt16], to writer: inout ByteWriter) {
        let columns = heights.indices.filter { heights[$0] != derived[$0] }
        writer.write(columns.count)
        for column in columns {
            writer.write(column)
            writer.write(Int(heights[column]))
        }
    }

    private static func readCorrections(
        from reader: inout ByteReader
    ) throws(WorldError) -> [(column: Int, height: UInt16)] {
        let count = try reader.readNumber()
        guard count <= Chunk.layerSize else { throw WorldError(.corrupt, "a coded chunk corrects \(count) heights") }
        var corrections: [(column: Int, height: UInt16)] = []
        for _ in 0..<count {
            let column = try reader.readNumber()
            let height = try reader.readNumber()
            guard column < Chunk.layerSize, let height = UInt16(exactly: height) else {
                throw WorldError(.corrupt, "a coded chunk corrects a height out of range")
            }
            corrections.append((column, height))
        }
        return corrections
    }

    static func write(_ chests: [BlockPosition: Chest]) throws(WorldError) -> [UInt8] {
        let array = chests.values.sorted { $0.position < $1.position }.map(\.json)
        do {
            return try CanonicalJSON.write(.array(array))
        } catch {
            throw WorldError(error.code == .tooLarge ? .tooLarge : .badInput, "chests: \(error)")
        }
    }

    private static func readChests(_ bytes: [UInt8]) throws(WorldError) -> [Chest] {
        guard let array = (try? CanonicalJSON.parse(bytes))?.array else {
            throw WorldError(.corrupt, "the chests of a coded chunk are no JSON array")
        }
        var chests: [Chest] = []
        for json in array {
            guard let chest = try? Chest(json: json) else {
                throw WorldError(.corrupt, "a chest of a coded chunk is none")
            }
            chests.append(chest)
        }
        return chests
    }
}
