/// Where a chunk stands in its world, counted in chunks.
public struct ChunkPosition: Hashable, Sendable, Comparable {
    /// Blocks `16 * x` to `16 * x + 15`.
    public var x: Int32
    /// Blocks `16 * z` to `16 * z + 15`.
    public var z: Int32

    /// Joins the two coordinates.
    public init(x: Int32, z: Int32) {
        self.x = x
        self.z = z
    }

    /// Names the chunk that a block belongs to.
    public init(of block: BlockPosition) {
        // An arithmetic shift rounds down, which negative coordinates need.
        self.init(x: block.x >> 4, z: block.z >> 4)
    }

    /// Orders as exports do: by z, then by x.
    public static func < (left: ChunkPosition, right: ChunkPosition) -> Bool {
        (left.z, left.x) < (right.z, right.x)
    }
}

extension ChunkPosition: CustomStringConvertible {
    /// `x,z`, the `key` of an exported line.
    public var description: String { "\(x),\(z)" }
}
