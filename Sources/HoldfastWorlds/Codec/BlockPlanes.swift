/// Codes blocks as one plane of run lengths for each kind of block.
///
/// Blocks are walked layer by layer along ``HilbertOrder``. The rarest block comes first: its plane alternates the
/// number of other blocks and the number of its own. It is then taken out of the sequence, and the next plane speaks of
/// what is left, so that a vein of ore no longer cuts the stone around it into two runs. The commonest block fills the
/// rest and needs no plane. A chunk of more than ``maximumPlanes`` kinds is coded as plain runs instead, which bounds
/// the work on either side.
enum BlockPlanes {
    static let maximumPlanes = 256

    static func write(_ runs: consuming CurveRuns, to writer: inout ByteWriter) {
        guard runs.palette.count <= maximumPlanes else {
            runs.rank()
            for (rank, length) in zip(runs.blocks, runs.lengths) {
                writer.write(Int(rank))
                writer.write(Int(length))
            }
            return
        }
        for block in runs.palette.dropLast() {
            runs.remove(block) { writer.write($0) }
        }
    }

    /// Reads the blocks of so many layers in y-z-x order.
    static func read(
        layers: Int, palette: [UInt16], from reader: inout ByteReader
    ) throws(WorldError) -> [UInt16] {
        // Along the curve; all but the commonest block are written over.
        var curve = [UInt16](repeating: palette[palette.count - 1], count: layers * Chunk.layerSize)
        try curve.withUnsafeMutableBufferPointer { curve throws(WorldError) in
            guard palette.count <= maximumPlanes else {
                return try readRuns(into: curve, palette: palette, from: &reader)
            }
            var free = FreeIntervals(count: curve.count)
            for (plane, block) in palette.dropLast().enumerated() {
                let before = free.count
                try free.fill(curve, with: block, isLast: plane == palette.count - 2, from: &reader)
                guard free.count < before, free.count > 0 else {
                    throw WorldError(.corrupt, "a block of a coded palette does not occur")
                }
            }
        }
        return blocks(along: curve)
    }

    /// Puts blocks from the order of the curve into y-z-x order.
    private static func blocks(along curve: [UInt16]) -> [UInt16] {
        [UInt16](unsafeUninitializedCapacity: curve.count) { blocks, initialized in
            curve.withUnsafeBufferPointer { curve in
                HilbertOrder.indices.withUnsafeBufferPointer { order in
                    for layer in stride(from: 0, to: curve.count, by: Chunk.layerSize) {
                        for place in 0..<Chunk.layerSize {
                            blocks[layer &+ Int(order[place])] = curve[layer &+ place]
                        }
                    }
                }
            }
            initialized = curve.count
        }
    }

    private static func readRuns(
        into curve: UnsafeMutableBufferPointer<UInt16>, palette: [UInt16], from reader: inout ByteReader
    ) throws(WorldError) {
        var filled = 0
        while filled < curve.count {
            let rank = try reader.readNumber()
            let length = try reader.readNumber()
            guard palette.indices.contains(rank) else {
                throw WorldError(.corrupt, "a palette index is outside a coded palette of \(palette.count) blocks")
            }
            guard length > 0, length <= curve.count - filled else {
                throw WorldError(.corrupt, "run lengths of a coded chunk do not add up")
            }
            curve[filled..<filled + length].update(repeating: palette[rank])
            filled += length
        }
    }
}
