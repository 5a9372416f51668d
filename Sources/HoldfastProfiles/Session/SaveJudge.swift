import HoldfastStorage

/// Reads a refused write: what the row that was found says about the attempt.
enum SaveJudge {
    enum Verdict: Equatable {
        /// The row carries this very attempt: an earlier copy of the request was committed.
        case committedBefore
        /// A higher fence or another owner: the session is over.
        case superseded
        /// The row is older than what the store acknowledged: it was restored or rolled back.
        case storeWentBack
        /// Everything matches as the request had it; the refusal must be about something else.
        case intact
        /// Fence and owner are ours, the version is not: two writers under one nonce, which must never be.
        case alarm
        /// The store was restored since the seal; no row was looked at.
        case storeRestored
        /// Every row matches, and the trade that the commit was to decide has this verdict already.
        case decided(Decision.Verdict)
    }

    /// Judges one row.
    ///
    /// `found` is nil when the row is missing.
    static func judge(_ write: RecordWrite, found: RowState?) -> Verdict {
        guard let found else { return .storeWentBack }
        if found.saveID == write.saveID { return .committedBefore }
        if found.fence > write.fence { return .superseded }
        if found.fence < write.fence { return .storeWentBack }
        if let owner = found.owner, owner.nonce != write.nonce { return .superseded }
        if found.version < write.version { return .storeWentBack }
        if found.owner == nil { return .superseded }
        return found.version == write.version ? .intact : .alarm
    }
}
