import HoldfastStorage

/// How many bytes a changed chunk adds to a save at most: a bound that costs nothing, or measured.
struct ChunkSize {
    /// What takes no bytes: a chunk that is as generated.
    static let none = ChunkSize()

    /// What the chests take as JSON.
    let chestBytes: Int
    private(set) var bytes: Int
    private(set) var isMeasured: Bool

    private init() {
        (chestBytes, bytes, isMeasured) = (0, 0, true)
    }

    /// Bounds what a chunk takes, and refuses one that no save could take.
    ///
    /// - Parameter before: The chunk that this one replaces; the same chests are not written out again.
    /// - Throws: ``WorldError``: `tooLarge`; `badInput` for chests that JSON has no form for.
    init(of chunk: Chunk, after before: (chunk: Chunk, size: ChunkSize)?) throws(WorldError) {
        if chunk.chests.isEmpty {
            chestBytes = 0
        } else if let before, before.chunk.chests == chunk.chests {
            chestBytes = before.size.chestBytes
        } else {
            chestBytes = try ChunkBody.write(chunk.chests).count
        }
        bytes = ChunkBody.maximumBytes(blocks: chunk.blocks.count) + chestBytes
        isMeasured = false
        // Blocks and heights alone never come to that.
        guard bytes > PartPayload.maximumBytes else { return }
        bytes = try ChunkCodec.encode(chunk).bytes.count
        isMeasured = true
    }

    /// Replaces the bound by the size before compression.
    mutating func measure(_ chunk: Chunk) throws(WorldError) {
        guard !isMeasured else { return }
        bytes = try ChunkBody.write(chunk).count + 1
        isMeasured = true
    }
}
