public import HoldfastStorage

/// A world as the store has it, read without a lock; all of one version.
public struct WorldSnapshot: Sendable {
    /// Which world it is.
    public let id: WorldID
    /// Its fields and all stored chunks, without a generator: what is not stored is air.
    public let world: World
    /// How often it was saved; at least 1.
    public let version: Int64
    /// Who holds it, as far as the store knows; nil once released.
    public let holder: Owner?
    /// What fields and chunks take in the store, in bytes, format bytes included.
    public let storedBytes: Int
    /// Milliseconds since 1970, UTC, of the last save.
    public let savedAtMillis: Int64
}
