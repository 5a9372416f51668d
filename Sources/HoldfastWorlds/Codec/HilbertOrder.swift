/// The order in which the blocks of one layer are coded: along a Hilbert curve, which stays longer in one place than
/// rows do, so that veins and shores make fewer runs.
enum HilbertOrder {
    /// For each place on the curve the index `16 * z + x` of its block.
    static let indices: [UInt8] = (0..<Chunk.layerSize).map { place in
        let (x, z) = point(at: place)
        return UInt8(Chunk.side * z + x)
    }

    /// The usual construction from the smallest square up: each square of four turns those below it.
    private static func point(at place: Int) -> (x: Int, z: Int) {
        var (x, z, rest) = (0, 0, place)
        var side = 1
        while side < Chunk.side {
            let right = rest >> 1 & 1
            let down = (rest ^ right) & 1
            if down == 0 {
                if right == 1 { (x, z) = (side - 1 - x, side - 1 - z) }
                (x, z) = (z, x)
            }
            x += side * right
            z += side * down
            rest >>= 2
            side *= 2
        }
        return (x, z)
    }
}
