/// The same block several times in a row.
public struct BlockRun: Hashable, Sendable {
    /// What the blocks are.
    public var block: UInt16
    /// How many of them there are; at least 1 in a chunk.
    public var length: Int

    /// Joins a block and its number; a chunk checks them.
    public init(block: UInt16, length: Int) {
        self.block = block
        self.length = length
    }
}
