/// A column of the world: 16 × 16 blocks in 1 to 256 layers, with its chests.
///
/// A value: copies are independent. Block 0 is air; what lies above the highest layer is air, too.
public struct Chunk: Sendable, Equatable {
    /// Blocks along x and along z: 16.
    public static let side = 16
    /// Blocks of one layer: 256.
    public static let layerSize = 256
    /// The most layers: 256.
    public static let maximumLayers = 256
    /// The block of which empty space consists.
    public static let air: UInt16 = 0

    /// One layer of air.
    public static let empty = Chunk(air: layerSize)

    /// All blocks in y-z-x order: the one at (x, y, z) within the chunk has the index `256 * y + 16 * z + x`.
    public private(set) var blocks: [UInt16]
    /// For each of the 256 columns in z-x order what the game keeps of its height; nil without a height map.
    ///
    /// It is stored as it is, and cheaply where each height is one above the highest block that is not passed by
    /// light, whichever blocks those are.
    public private(set) var heightMap: [UInt16]?
    /// The chests of this chunk, by the position that each carries.
    public private(set) var chests: [BlockPosition: Chest] = [:]

    private init(air count: Int) {
        blocks = [UInt16](repeating: Self.air, count: count)
    }

    /// Fills layers with one block.
    ///
    /// - Throws: ``WorldError`` with code `wrongSize` for fewer than 1 or more than 256 layers.
    public init(layers: Int, of block: UInt16 = Chunk.air) throws(WorldError) {
        guard (1...Self.maximumLayers).contains(layers) else {
            throw WorldError(.wrongSize, "a chunk has 1 to \(Self.maximumLayers) layers, not \(layers)")
        }
        blocks = [UInt16](repeating: block, count: layers * Self.layerSize)
    }

    /// Takes all blocks in y-z-x order.
    ///
    /// - Throws: ``WorldError`` with code `wrongSize` when they are not 1 to 256 whole layers, or the height map has
    ///   not 256 heights.
    public init(blocks: [UInt16], heightMap: [UInt16]? = nil) throws(WorldError) {
        guard !blocks.isEmpty, blocks.count.isMultiple(of: Self.layerSize),
            blocks.count <= Self.maximumLayers * Self.layerSize
        else {
            throw WorldError(
                .wrongSize,
                "a chunk has 1 to \(Self.maximumLayers) layers of \(Self.layerSize) blocks, not \(blocks.count) blocks"
            )
        }
        self.blocks = blocks
        try setHeightMap(heightMap)
    }

    /// Takes runs of blocks in y-z-x order.
    ///
    /// - Throws: ``WorldError``: `badRuns` when a run is not positive, or they do not add up to 1 to 256 whole layers;
    ///   `wrongSize` for a height map that has not 256 heights.
    public init(runs: [BlockRun], heightMap: [UInt16]? = nil) throws(WorldError) {
        var blocks: [UInt16] = []
        for run in runs {
            guard run.length > 0, run.length <= Self.maximumLayers * Self.layerSize - blocks.count else {
                throw WorldError(.badRuns, "run lengths are positive and add up to at most 256 layers of 256 blocks")
            }
            blocks.append(contentsOf: repeatElement(run.block, count: run.length))
        }
        guard !blocks.isEmpty, blocks.count.isMultiple(of: Self.layerSize) else {
            throw WorldError(.badRuns, "run lengths add up to \(blocks.count) blocks, which are not whole layers")
        }
        try self.init(blocks: blocks, heightMap: heightMap)
    }

    /// How many layers it has, 1 to 256.
    public var layers: Int { blocks.count / Self.layerSize }

    /// Whether it is nothing but air.
    public var isEmpty: Bool { chests.isEmpty && blocks.allSatisfy { $0 == Self.air } }

    /// The blocks in y-z-x order as the longest possible runs.
    public var runs: [BlockRun] {
        var runs: [BlockRun] = []
        for block in blocks {
            if runs.last?.block == block {
                runs[runs.count - 1].length += 1
            } else {
                runs.append(BlockRun(block: block, length: 1))
            }
        }
        return runs
    }

    /// One block by its place within the chunk, x and z from 0 to 15.
    ///
    /// Above the highest layer there is air.
    ///
    /// - Throws: ``WorldError`` with code `outOfRange` for a place outside the chunk or above layer 255.
    public func block(x: Int, y: Int, z: Int) throws(WorldError) -> UInt16 {
        let index = try Self.index(x: x, y: y, z: z)
        return index < blocks.count ? blocks[index] : Self.air
    }

    /// Replaces one block; grows the chunk by layers of air up to it where needed.
    ///
    /// The height map stays as it is: it is the game's.
    ///
    /// - Throws: ``WorldError`` with code `outOfRange` for a place outside the chunk or above layer 255.
    public mutating func setBlock(_ block: UInt16, x: Int, y: Int, z: Int) throws(WorldError) {
        let index = try Self.index(x: x, y: y, z: z)
        if index >= blocks.count {
            guard block != Self.air else { return }
            blocks.append(contentsOf: repeatElement(Self.air, count: (y + 1) * Self.layerSize - blocks.count))
        }
        blocks[index] = block
    }

    /// Replaces the height map, in z-x order, or removes it.
    ///
    /// - Throws: ``WorldError`` with code `wrongSize` when there are not 256 heights.
    public mutating func setHeightMap(_ heights: [UInt16]?) throws(WorldError) {
        guard heights.map({ $0.count == Self.layerSize }) ?? true else {
            throw WorldError(.wrongSize, "a height map has \(Self.layerSize) heights, not \(heights?.count ?? 0)")
        }
        heightMap = heights
    }

    /// Puts a chest at the position that it carries, replacing the one that is there.
    public mutating func setChest(_ chest: Chest) {
        chests[chest.position] = chest
    }

    /// Takes the chest at a position away; nil when there is none.
    @discardableResult
    public mutating func removeChest(at position: BlockPosition) -> Chest? {
        chests.removeValue(forKey: position)
    }

    /// Whether both are the same to a player: equal but for layers of air on top.
    public func isSame(as other: Chunk) -> Bool {
        let (short, long) = blocks.count <= other.blocks.count ? (self, other) : (other, self)
        return heightMap == other.heightMap && chests == other.chests
            && long.blocks.starts(with: short.blocks)
            && long.blocks[short.blocks.count...].allSatisfy { $0 == Self.air }
    }

    private static func index(x: Int, y: Int, z: Int) throws(WorldError) -> Int {
        guard (0..<side).contains(x), (0..<side).contains(z), (0..<maximumLayers).contains(y) else {
            throw WorldError(.outOfRange, "there is no block \(x),\(y),\(z) in a chunk of 16 × 256 × 16")
        }
        return layerSize * y + side * z + x
    }
}
