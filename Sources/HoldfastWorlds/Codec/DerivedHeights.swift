/// Heights as they follow from the blocks: one above the highest block that light does not pass.
///
/// Which blocks light passes is the game's business; it is read off the chunk's own height map, and stored as one bit
/// of each block of the palette. Heights that follow need no further byte.
struct DerivedHeights {
    /// By block id.
    private var isPassed: [Bool]

    /// Takes the blocks that light passes.
    init(passed: [UInt16]) {
        isPassed = [Bool](repeating: false, count: Int(passed.max() ?? 0) + 1)
        for block in passed { isPassed[Int(block)] = true }
    }

    /// Tells which blocks light passes: those that lie above the heights more often than right below.
    static func passed(of palette: [UInt16], blocks: [UInt16], heights: [UInt16]) -> [UInt16] {
        var votes = [Int32](repeating: 0, count: Int(palette.max() ?? 0) + 1)
        let layers = blocks.count / Chunk.layerSize
        for (column, height) in heights.enumerated() {
            if (1...layers).contains(Int(height)) {
                votes[Int(blocks[(Int(height) - 1) * Chunk.layerSize + column])] -= 1
            }
            // Only the nearest above: it is the one that a wrong guess would take for the ground.
            if Int(height) < layers { votes[Int(blocks[Int(height) * Chunk.layerSize + column])] += 1 }
        }
        return palette.filter { votes[Int($0)] > 0 || $0 == Chunk.air && votes[0] == 0 }
    }

    /// Whether light passes a block.
    func passes(_ block: UInt16) -> Bool {
        Int(block) < isPassed.count && isPassed[Int(block)]
    }

    /// The heights of all columns in z-x order.
    func heights(of blocks: [UInt16]) -> [UInt16] {
        var heights = [UInt16](repeating: 0, count: Chunk.layerSize)
        var missing = Chunk.layerSize
        var layer = blocks.count - Chunk.layerSize
        while missing > 0, layer >= 0 {
            for column in 0..<Chunk.layerSize where heights[column] == 0 {
                if passes(blocks[layer + column]) { continue }
                heights[column] = UInt16(layer / Chunk.layerSize + 1)
                missing -= 1
            }
            layer -= Chunk.layerSize
        }
        return heights
    }
}
