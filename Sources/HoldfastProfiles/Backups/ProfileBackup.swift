public import HoldfastStorage

/// One periodic copy of a profile.
public struct ProfileBackup: Sendable, Equatable {
    /// The profile.
    public let id: RecordID
    /// The version that it had.
    public let version: Int64
    /// Milliseconds since 1970, UTC, of the write that made that version.
    public let writtenAtMillis: Int64
    /// Milliseconds since 1970, UTC, of the copy.
    public let takenAtMillis: Int64
    /// How many parts it holds, such as the chunks of a world; nil where a build made it that copied none.
    public let parts: Int?
    /// What was stored, as it was stored.
    public let content: Content
    /// The record that holds the copy, and the write that made it.
    let place: RecordID
    let saveID: RandomID

    /// The document.
    ///
    /// - Throws: ``ProfileError`` with code `corrupt` when the stored bytes are damaged.
    public func document() throws(ProfileError) -> JSONValue {
        try asVersion.document(of: id)
    }

    var asVersion: RecordVersion {
        RecordVersion(version: version, content: content, writtenAtMillis: writtenAtMillis, isExact: true)
    }
}
