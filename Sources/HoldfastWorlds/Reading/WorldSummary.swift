/// One world of a listing.
public struct WorldSummary: Sendable, Equatable {
    /// Which world it is.
    public let id: WorldID
    /// How often it was saved; at least 1.
    public let version: Int64
    /// How many chunks are stored.
    public let chunks: Int
    /// What fields and chunks take in the store, in bytes.
    public let storedBytes: Int
    /// Milliseconds since 1970, UTC, of the last save.
    public let savedAtMillis: Int64
}
