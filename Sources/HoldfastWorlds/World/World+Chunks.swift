extension World {
    /// The chunks that differ from the generated terrain, or may: those stored and those changed since; sorted.
    public var chunkPositions: [ChunkPosition] {
        chunks.positions.sorted()
    }

    /// Whether a chunk differs from the generated terrain, or may.
    public func hasOwnChunk(at position: ChunkPosition) -> Bool {
        chunks.contains(position)
    }

    /// The chunk at a position, as it stands: changed, stored, generated, or a layer of air where nothing is.
    ///
    /// Decodes what is stored, so take a chunk once and not block by block.
    ///
    /// - Throws: ``WorldError``: `corrupt` or `newerFormat` when the stored chunk cannot be read; it stays as it is.
    ///   `notLoaded` for a world that was read as a plain profile.
    public func chunk(at position: ChunkPosition) throws(WorldError) -> Chunk {
        if let known = try chunks.chunk(at: position) { return known }
        return chunks.terrain?.chunk(at: position, seed: seed) ?? .empty
    }

    /// Changes one chunk in place, blocks, heights and chests together; a throw leaves it as it was.
    ///
    /// - Throws: ``WorldError``: `corrupt` or `newerFormat` when the stored chunk cannot be read; what
    ///   ``setChunk(_:at:)`` throws; and whatever the closure throws.
    public mutating func editChunk<Result>(
        at position: ChunkPosition, _ change: (inout Chunk) throws -> Result
    ) throws -> Result {
        var chunk = try chunk(at: position)
        let result = try change(&chunk)
        try chunks.set(chunk, at: position)
        return result
    }

    /// Replaces one chunk; a throw leaves the world as it was.
    ///
    /// - Throws: ``WorldError``: `tooManyChanges` when the next save would have over 4,096 chunks to write, or over 16
    ///   MiB of them: save first. `tooLarge` for a coded chunk of over 1 MiB and for more than ``maximumChunks``;
    ///   `badInput` for chests that JSON has no form for; `notLoaded`.
    public mutating func setChunk(_ chunk: Chunk, at position: ChunkPosition) throws(WorldError) {
        try chunks.set(chunk, at: position)
    }

    /// Gives one chunk its generated state back, chests included; it is stored no longer.
    ///
    /// - Throws: ``WorldError`` with code `notLoaded`.
    public mutating func resetChunk(at position: ChunkPosition) throws(WorldError) {
        try chunks.set(nil, at: position)
    }

    /// Gives all chunks their generated state back, chests included: the world begins anew with its seed, or another.
    ///
    /// - Throws: ``WorldError`` with code `notLoaded`.
    public mutating func resetAllChunks(seed: Int64? = nil) throws(WorldError) {
        try chunks.removeAll()
        if let seed { self.seed = seed }
    }

    /// One block; air where nothing is.
    ///
    /// - Throws: ``WorldError`` as ``chunk(at:)``, and `outOfRange` below 0 or above 255.
    public func block(at position: BlockPosition) throws(WorldError) -> UInt16 {
        let chunk = try chunk(at: ChunkPosition(of: position))
        return try chunk.block(x: Int(position.x & 15), y: Int(position.y), z: Int(position.z & 15))
    }

    /// Replaces one block; the height map stays the game's to keep.
    ///
    /// - Throws: ``WorldError`` as ``editChunk(at:_:)``, and `outOfRange` below 0 or above 255.
    public mutating func setBlock(_ block: UInt16, at position: BlockPosition) throws {
        try editChunk(at: ChunkPosition(of: position)) { chunk in
            try chunk.setBlock(block, x: Int(position.x & 15), y: Int(position.y), z: Int(position.z & 15))
        }
    }
}
