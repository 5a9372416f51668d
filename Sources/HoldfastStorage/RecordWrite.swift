/// One record's part of a ``CommitRequest``.
public struct RecordWrite: Sendable {
    /// What happens to the row that is hit.
    public enum Change: Sendable {
        /// Checks the row and leaves it as it is; the version stays.
        case none
        /// Writes content: version + 1 and a new save id.
        case content(Content)
        /// Deletes: fence + 1, no owner, version + 1, no content, no parts.
        case tombstone
    }

    /// The row to write; a write never creates one.
    public var id: RecordID
    /// The token that the session last sealed; the row must carry the same.
    public var fence: Int64
    /// The session's nonce; the row's owner must carry the same.
    public var nonce: RandomID
    /// The version that the session last saw committed; the row must carry the same.
    public var version: Int64
    /// Fresh for every new set of bytes; a repeated request carries the same one.
    public var saveID: RandomID
    /// New content, a tombstone, or nothing but the check.
    public var change: Change
    /// Clears the owner: the session's last write.
    public var releases: Bool
    /// Parts that are written or removed beside new content, and with no other change.
    ///
    /// No name twice; within ``PartWrite/maximumCount``, ``PartWrite/maximumBytes`` and ``PartWrite/maximumRemovals``.
    public var parts: [PartWrite]
    /// Whether history keeps what this write replaces; of no effect where nothing is changed.
    public var keeps: KeepRule

    /// Joins the condition and the change; keeps the owner unless told otherwise.
    public init(
        id: RecordID, fence: Int64, nonce: RandomID, version: Int64, saveID: RandomID, change: Change,
        releases: Bool = false, parts: [PartWrite] = [], keeps: KeepRule = .hourly
    ) {
        self.id = id
        self.fence = fence
        self.nonce = nonce
        self.version = version
        self.saveID = saveID
        self.change = change
        self.releases = releases
        self.parts = parts
        self.keeps = keeps
    }
}
