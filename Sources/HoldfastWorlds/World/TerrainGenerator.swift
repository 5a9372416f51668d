/// Makes the terrain that nobody has changed yet.
///
/// A chunk that equals what its world's seed generates is never stored, so the same seed must give the same chunk for
/// as long as the world lives: a game that changes its terrain keeps the old one for the worlds made with it.
public protocol TerrainGenerator: Sendable {
    /// Makes one chunk, chests included; nil where there is nothing but air.
    ///
    /// Called inside edits, when a chunk is needed that is not stored, and for each changed chunk of a save.
    func chunk(at position: ChunkPosition, seed: Int64) -> Chunk?
}
