public import HoldfastStorage

/// A profile as the store has it, read without a lock.
///
/// One that ``ProfileCollection/read(_:maximumAge:)`` found in a hot copy is as its session left it: released, with
/// dates by that server's clock where it had saved.
public struct Snapshot<Document: Sendable>: Sendable {
    /// The collection and key that were asked for.
    public let id: RecordID
    /// The document, migrated to this build's schema in memory only.
    public let document: Document
    /// How often data was written; at least 1.
    public let version: Int64
    /// The schema that the stored bytes have, before any migration.
    public let schema: Int
    /// The highest fencing token that sealed the record.
    public let fence: Int64
    /// Who holds the record, as far as the store knows; nil once released.
    public let owner: Owner?
    /// The people whose data the record holds, as its last save listed them.
    public let userIDs: [String]
    /// Canonical JSON.
    public let metadata: [UInt8]?
    /// The size of the compressed payload, format byte included.
    public let storedBytes: Int
    /// The size of the stored document as canonical JSON.
    public let documentBytes: Int
    /// Milliseconds since 1970, UTC.
    public let createdAtMillis: Int64
    /// Milliseconds since 1970, UTC.
    public let updatedAtMillis: Int64
}
