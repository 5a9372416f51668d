/// One version of a record that its history keeps.
public struct HistoryEntry: Sendable, Equatable {
    /// The version that the record had.
    public let version: Int64
    /// The schema version of the document.
    public let schema: Int
    /// Milliseconds since 1970, UTC, of the write that made this version.
    public let updatedAtMillis: Int64
    /// Milliseconds since 1970, UTC, of the write that replaced it, or of ``DurableStore/keepCurrent(of:reason:)`` when
    /// that came first.
    public let replacedAtMillis: Int64
    /// Why it was kept; nil for the first write of an hour.
    public let reason: String?
    /// The size of the compressed payload, format byte included.
    public let storedBytes: Int
    /// The size of the document as canonical JSON.
    public let documentBytes: Int
    /// Whether what replaced it was a deletion.
    public let isDeletion: Bool

    /// Joins the columns of one entry as a store read them; checks nothing.
    public init(
        version: Int64, schema: Int, updatedAtMillis: Int64, replacedAtMillis: Int64, reason: String?,
        storedBytes: Int, documentBytes: Int, isDeletion: Bool
    ) {
        self.version = version
        self.schema = schema
        self.updatedAtMillis = updatedAtMillis
        self.replacedAtMillis = replacedAtMillis
        self.reason = reason
        self.storedBytes = storedBytes
        self.documentBytes = documentBytes
        self.isDeletion = isDeletion
    }
}
