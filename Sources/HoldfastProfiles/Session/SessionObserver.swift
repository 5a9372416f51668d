public import HoldfastStorage

/// Is told what happened to sessions, right after the fact and before the caller goes on.
///
/// For journals, tests and audit trails. Called synchronously from background work: return quickly.
public protocol SessionObserver: Sendable {
    /// A session became active; nothing was applied to its document yet.
    func opened(_ session: SessionDescription, opening: Opening, document: any Sendable)
    /// A session became active. Called by the form above unless that is implemented.
    func opened(_ session: SessionDescription, opening: Opening)
    /// The store acknowledged a write of this record: a save, a transaction or the last save.
    ///
    /// - Parameters:
    ///   - document: The canonical JSON that was written.
    ///   - applied: The operations whose receipts were part of the commit.
    func saved(_ id: RecordID, receipt: SaveReceipt, document: [UInt8], applied: [OperationID])
    /// The store refused a write; nothing was changed.
    func refused(_ id: RecordID, version: Int64, fence: Int64, nonce: RandomID, found: RowState?)
    /// A session ended.
    func ended(_ id: RecordID, fence: Int64, nonce: RandomID, end: SessionEnd)
    /// A commit that may have been applied had to be repeated.
    func ambiguous(_ id: RecordID)
    /// A collection's hook threw or took too long; the session went on without it.
    func hookFailed(_ id: RecordID, hook: SessionHook, error: any Error)
}

extension SessionObserver {
    /// Passes on to the form without the document.
    public func opened(_ session: SessionDescription, opening: Opening, document: any Sendable) {
        opened(session, opening: opening)
    }
    /// Does nothing.
    public func opened(_ session: SessionDescription, opening: Opening) {}
    /// Does nothing.
    public func saved(_ id: RecordID, receipt: SaveReceipt, document: [UInt8], applied: [OperationID]) {}
    /// Does nothing.
    public func refused(_ id: RecordID, version: Int64, fence: Int64, nonce: RandomID, found: RowState?) {}
    /// Does nothing.
    public func ended(_ id: RecordID, fence: Int64, nonce: RandomID, end: SessionEnd) {}
    /// Does nothing.
    public func ambiguous(_ id: RecordID) {}
    /// Does nothing.
    public func hookFailed(_ id: RecordID, hook: SessionHook, error: any Error) {}
}
