/// The blocks of a chunk as runs along the curve, with its palette.
struct CurveRuns {
    /// What one run consists of: a block id, or after ``rank()`` its place in the palette.
    private(set) var blocks: [UInt16] = []
    private(set) var lengths: [Int32] = []
    /// The blocks that occur, the rarest first, by their ids where they are equally rare.
    private(set) var palette: [UInt16] = []

    init(of chunk: [UInt16]) {
        blocks.reserveCapacity(2_048)
        lengths.reserveCapacity(2_048)
        chunk.withUnsafeBufferPointer { chunk in
            HilbertOrder.indices.withUnsafeBufferPointer { order in
                var last = chunk[0]
                var length: Int32 = 0
                var layer = 0
                while layer < chunk.count {
                    for place in order {
                        let block = chunk[layer &+ Int(place)]
                        if block != last {
                            blocks.append(last)
                            lengths.append(length)
                            last = block
                            length = 0
                        }
                        length &+= 1
                    }
                    layer &+= Chunk.layerSize
                }
                blocks.append(last)
                lengths.append(length)
            }
        }
        collectPalette()
    }

    private mutating func collectPalette() {
        let highest = Int(blocks.max() ?? 0)
        var counts = [Int32](repeating: 0, count: highest + 1)
        for (block, length) in zip(blocks, lengths) { counts[Int(block)] += length }
        palette = counts.indices.filter { counts[$0] > 0 }
            .sorted { (counts[$0], $0) < (counts[$1], $1) }
            .map { UInt16($0) }
    }

    /// Replaces each block by its place in the palette.
    mutating func rank() {
        var ranks = [UInt16](repeating: 0, count: Int(palette.max() ?? 0) + 1)
        for (rank, block) in palette.enumerated() { ranks[Int(block)] = UInt16(rank) }
        for index in blocks.indices { blocks[index] = ranks[Int(blocks[index])] }
    }

    /// Takes all runs of one block out and joins what is left; calls `emit` with the number of blocks before each of
    /// its runs and with the run's own length, and with what is left at the end.
    @inline(__always)
    mutating func remove(_ block: UInt16, emit: (Int) -> Void) {
        var kept = 0
        var gap: Int32 = 0
        blocks.withUnsafeMutableBufferPointer { blocks in
            lengths.withUnsafeMutableBufferPointer { lengths in
                for index in blocks.indices {
                    let (current, length) = (blocks[index], lengths[index])
                    if current == block {
                        emit(Int(gap))
                        emit(Int(length))
                        gap = 0
                        continue
                    }
                    gap &+= length
                    if kept > 0, blocks[kept &- 1] == current {
                        lengths[kept &- 1] &+= length
                    } else {
                        blocks[kept] = current
                        lengths[kept] = length
                        kept &+= 1
                    }
                }
            }
        }
        if gap > 0 { emit(Int(gap)) }
        blocks.removeLast(blocks.count - kept)
        lengths.removeLast(lengths.count - kept)
    }
}
