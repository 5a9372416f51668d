import HoldfastStorage

/// One record's write with everything converted that its statement needs.
struct PreparedWrite: Sendable {
    let write: RecordWrite
    /// The people of new content as the row has them.
    let userIDs: String?
    /// Content written before this is kept; nil keeps nothing.
    let cutoff: Int64?

    /// - Parameter keepsHistory: Whether the store's layout has a history.
    init(_ write: RecordWrite, keepsHistory: Bool, now: Int64) {
        self.write = write
        self.userIDs = if case .content(let content) = write.change { content.userIDsText } else { nil }
        self.cutoff = keepsHistory ? write.keeps.cutoff(at: now) : nil
    }

    /// Whether there is anything to write; otherwise only the compare is asked for, against the row's state read
    /// before.
    var hasStatement: Bool {
        if case .none = write.change { write.releases } else { true }
    }
}
