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
    /// - Throws: ``WorldError``: `corrupt` or `newerFormat` when the stored chunk cannot be read; `tooManyChanges` when
    ///   4,096 others have been changed since the last save; and whatever the closure throws.
    public mutating func editChunk<Result>(
        at position: ChunkPosition, _ change: (inout Chunk) throws -> Result
    ) throws -> Result {
        var chunk = try chunk(at: position)
        let result = try change(&chunk)
        try chunks.set(chunk, at: position)
        return result
    }

    /// Replaces one chunk.
    ///
    /// - Throws: ``WorldError`` with code `tooManyChanges` when 4,096 others have been changed since the last save.
    public mutating func setChunk(_ chunk: Chunk, at position: ChunkPosition) throws(WorldError) {
        try chunks.set(chunk, at: position)
    }

    /// Gives one chunk its generated state back, chests included; it is stored no longer.
    ///
    /// - Throws: ``WorldError`` with code `tooManyChanges` when 4,096 others have been changed since the last save.
    public mutating func resetChunk(at position: ChunkPosition) throws(WorldError) {
        try chunks.set(nil, at: position)
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

    /// The chest at a position; nil when there is none.
    ///
    /// - Throws: ``WorldError`` as ``chunk(at:)``.
    public func chest(at position: BlockPosition) throws(WorldError) -> Chest? {
        try chunk(at: ChunkPosition(of: position)).chests[position]
    }

    /// Puts a chest where it says that it stands, replacing the one that is there.
    ///
    /// - Throws: ``WorldError`` as ``editChunk(at:_:)``.
    public mutating func setChest(_ chest: Chest) throws {
        try editChunk(at: ChunkPosition(of: chest.position)) { $0.setChest(chest) }
    }

    /// Takes a chest with all that is in it away; nil when there is none.
    ///
    /// - Throws: ``WorldError`` as ``editChunk(at:_:)``.
    @discardableResult
    public mutating func removeChest(at position: BlockPosition) throws -> Chest? {
        try editChunk(at: ChunkPosition(of: position)) { $0.removeChest(at: position) }
    }
}
