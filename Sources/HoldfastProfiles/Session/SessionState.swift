public import HoldfastCoordination
public import HoldfastStorage

/// Where a session stands.
public enum SessionState: String, Sendable {
    /// Lease and beat are certain; changes are saved on schedule.
    case active
    /// The lease or this server's beat may have run out. Play goes on; every change is saved at once.
    case doubtful
    /// The last save and the release are under way; edits are refused.
    case closing
    /// Another session owns the record, or the store went back. Nothing more can be saved.
    case lost
    /// Saved and released.
    case closed
    /// On the template, since the load failed: nothing of it can be saved.
    case fallback
}

/// Why a session ended.
public enum SessionEnd: Sendable, Equatable {
    /// The last handle was closed.
    case closed
    /// Released because another server asked for the record.
    case handedOver(to: String)
    /// Saved and released by the server's shutdown.
    case drained
    /// Saved and released because an operator asked for it.
    case released
    /// Deleted by its own holder.
    case deleted
    case lost(LossReason)

    /// What took a session away.
    public enum LossReason: String, Sendable, CaseIterable {
        /// The store carries a higher fence or another owner.
        case superseded
        /// Redis shows the lease with another session.
        case leaseTaken
        /// The store's row is older than an acknowledged save: it was restored from a backup.
        case storeWentBack
        /// The store was restored from a backup, or an operator said so: what came after the backup is gone with it.
        case storeRestored
        /// Two writers under one nonce: a defect that is reported and never written over.
        case alarm
        /// `run()` was cancelled before the session could be released.
        case stopped
    }
}

/// What a durable save wrote.
public struct SaveReceipt: Sendable, Equatable {
    /// The record's version in the store after the save; 0 = never saved.
    public let version: Int64
    /// Nil when nothing was ever saved and nothing had changed.
    public let saveID: RandomID?
    /// The fencing token that the save was made under.
    public let fence: Int64
    /// The nonce of the session that saved.
    public let nonce: RandomID
    /// False when the document equalled what was stored, so that nothing needed writing.
    public let wrote: Bool
}

/// How a session came to this server.
public struct Opening: Sendable, Equatable {
    /// Whether the record was free, handed over or taken over.
    public let origin: ClaimMachine.Origin
    /// From the call of `open` to the active session.
    public let took: Duration
}

/// A session as status pages show it.
public struct SessionDescription: Sendable, Equatable {
    /// The record that the session holds.
    public let id: RecordID
    /// Drawn at the open; names the session in leases and in the store.
    public let nonce: RandomID
    /// The fencing token that the session last sealed.
    public let token: Int64
    /// The last version that the store acknowledged; 0 = never saved.
    public let version: Int64
    /// Where the session stands at this moment.
    public let state: SessionState
    /// Age of the oldest unsaved change; zero when there is none.
    public let unsavedAge: Duration
    /// Time left until the session becomes doubtful; negative once it is.
    public let leaseMargin: Duration
}
