/// Where a block stands in its world.
public struct BlockPosition: Hashable, Sendable, Comparable {
    /// To the east.
    public var x: Int32
    /// Up; 0 is the lowest layer.
    public var y: Int32
    /// To the south.
    public var z: Int32

    /// Joins the three coordinates.
    public init(x: Int32, y: Int32, z: Int32) {
        self.x = x
        self.y = y
        self.z = z
    }

    /// Orders as chunks do: by y, then z, then x.
    public static func < (left: BlockPosition, right: BlockPosition) -> Bool {
        (left.y, left.z, left.x) < (right.y, right.z, right.x)
    }
}

extension BlockPosition: CustomStringConvertible {
    /// `x,y,z`.
    public var description: String { "\(x),\(y),\(z)" }
}
