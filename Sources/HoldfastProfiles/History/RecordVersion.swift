public import HoldfastStorage

/// One version of a record with what it holds.
public struct RecordVersion: Sendable, Equatable {
    /// Counts the writes of data.
    public let version: Int64
    /// What was stored, as it was stored.
    public let content: Content
    /// Milliseconds since 1970, UTC, of the write that made it.
    public let writtenAtMillis: Int64
    /// Whether the record held this version at the time that was asked for.
    ///
    /// False where it held a later one that was not kept: a history keeps what the first write of an hour replaced.
    public let isExact: Bool

    /// The document.
    ///
    /// - Throws: ``ProfileError`` with code `corrupt` when the stored bytes are damaged.
    public func document(of record: RecordID) throws(ProfileError) -> JSONValue {
        do {
            return try CanonicalJSON.parse(try content.payload.document())
        } catch {
            throw ProfileError(
                .corrupt, "version \(version) cannot be read: \(error)", record: record, underlying: error)
        }
    }
}
