extension World {
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

    /// Changes one chest in place; a throw leaves it as it was.
    ///
    /// - Throws: ``WorldError``: `missing` when no chest stands there; as ``editChunk(at:_:)``; what the closure
    ///   throws.
    public mutating func editChest<Result>(
        at position: BlockPosition, _ change: (inout Chest) throws -> Result
    ) throws -> Result {
        try editChunk(at: ChunkPosition(of: position)) { chunk in
            guard var chest = chunk.chests[position] else {
                throw WorldError(.missing, "there is no chest at \(position)")
            }
            let result = try change(&chest)
            chunk.setChest(chest)
            return result
        }
    }

    /// Takes items out of one slot of a chest; whoever calls owns them from then on.
    ///
    /// In a transaction with a player's session the items are in one place at any moment:
    ///
    ///     try await coordinator.transaction(player, visit.session) { player, world in
    ///         player.add(try world.take(16, from: 0, ofChestAt: place))
    ///     }
    ///
    /// - Throws: ``WorldError`` as ``Chest/take(_:from:)`` and ``editChest(at:_:)``; the world is then as it was.
    public mutating func take(
        _ count: Int64, from slot: Int, ofChestAt position: BlockPosition
    ) throws -> ChestSlot {
        try editChest(at: position) { chest in try chest.take(count, from: slot) }
    }

    /// Puts items into a chest, into one slot or wherever they fit.
    ///
    /// - Returns: What did not fit and is still the caller's.
    /// - Throws: ``WorldError`` as ``Chest/put(_:into:stackLimit:)`` and ``editChest(at:_:)``; the world is then as it
    ///   was.
    public mutating func put(
        _ items: ChestSlot, into slot: Int? = nil, ofChestAt position: BlockPosition,
        stackLimit: Int64 = Chest.stackLimit
    ) throws -> ChestSlot {
        try editChest(at: position) { chest in try chest.put(items, into: slot, stackLimit: stackLimit) }
    }
}
