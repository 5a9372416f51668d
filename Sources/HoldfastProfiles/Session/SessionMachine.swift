import HoldfastCoordination
import HoldfastStorage

/// The bookkeeping of one session: what is saved, what is not, and what may be done now.
///
/// Pure: time comes in, decisions go out.
struct SessionMachine: Sendable {
    enum Phase: Equatable {
        case open
        /// A transaction works on copies of the document; edits are refused as busy.
        case inTransaction
        /// The leaving hooks are at work: edits are still taken, nobody opens it any more.
        case leaving(SessionEnd)
        case closing(SessionEnd)
        case ended(SessionEnd)
    }

    let nonce: RandomID
    /// The store's generation as the first seal found it; every commit carries it.
    let generation: Int64
    private(set) var phase: Phase = .open
    private(set) var token: Int64
    private(set) var version: Int64
    private(set) var saveID: RandomID?
    /// Checksum of the stored payload; nil when there is none.
    private(set) var checksum: UInt64?
    private(set) var leaseDeadline: ContinuousClock.Instant
    private(set) var changes: UInt64 = 0
    private(set) var savedChanges: UInt64 = 0
    private(set) var unsavedSince: ContinuousClock.Instant?

    init(
        nonce: RandomID, generation: Int64, token: Int64, version: Int64, saveID: RandomID?, checksum: UInt64?,
        leaseDeadline: ContinuousClock.Instant
    ) {
        self.nonce = nonce
        self.generation = generation
        self.token = token
        self.version = version
        self.saveID = saveID
        self.checksum = checksum
        self.leaseDeadline = leaseDeadline
    }

    /// The session's deadline: the earlier of its lease and its server's beat.
    func deadline(beatDeadline: ContinuousClock.Instant?) -> ContinuousClock.Instant {
        min(leaseDeadline, beatDeadline ?? leaseDeadline)
    }

    func state(now: ContinuousClock.Instant, beatDeadline: ContinuousClock.Instant?) -> SessionState {
        switch phase {
        case .open, .inTransaction: now < deadline(beatDeadline: beatDeadline) ? .active : .doubtful
        case .leaving, .closing: .closing
        case .ended(.lost): .lost
        case .ended: .closed
        }
    }

    /// Whether there may be something to save.
    var isChanged: Bool { changes != savedChanges }

    /// Why an edit or a save is refused right now, or nil.
    func refusal(of call: String, record: RecordID) -> ProfileError? {
        switch phase {
        case .open, .leaving: nil
        case .inTransaction:
            ProfileError(.busy, "\(call): a transaction is using the document; try again", record: record)
        case .closing(let end), .ended(let end):
            ProfileError(.ended, "\(call): the session is over (\(end))", record: record)
        }
    }

    mutating func changed(now: ContinuousClock.Instant) {
        changes += 1
        if unsavedSince == nil { unsavedSince = now }
    }

    /// A copy of the document at `mark` was written or found unchanged.
    mutating func saved(upTo mark: UInt64, began: ContinuousClock.Instant) {
        savedChanges = mark
        unsavedSince = changes == mark ? nil : began
    }

    mutating func committed(version: Int64, saveID: RandomID, checksum: UInt64?) {
        self.version = version
        self.saveID = saveID
        self.checksum = checksum
    }

    mutating func renewed(until deadline: ContinuousClock.Instant) {
        leaseDeadline = max(leaseDeadline, deadline)
    }

    /// The lease was taken anew under a higher token and the row sealed with it.
    mutating func resealed(token: Int64, leaseDeadline: ContinuousClock.Instant) {
        self.token = token
        self.leaseDeadline = leaseDeadline
    }

    /// Begins a transaction or, with nil as the answer, says that it may not.
    mutating func beginTransaction() -> Bool {
        guard phase == .open else { return false }
        phase = .inTransaction
        return true
    }

    mutating func endTransaction() {
        if phase == .inTransaction { phase = .open }
    }

    /// Begins the end, with hooks that may still edit or without.
    ///
    /// False when it has begun already.
    mutating func beginClosing(_ end: SessionEnd, leaving: Bool = false) -> Bool {
        guard phase == .open else { return false }
        phase = leaving ? .leaving(end) : .closing(end)
        return true
    }

    /// The leaving hooks have ended: edits are refused from here on.
    mutating func hasLeft() {
        if case .leaving(let end) = phase { phase = .closing(end) }
    }

    /// The last save could not be made; the session goes on.
    mutating func resume() {
        if case .closing = phase { phase = .open }
    }

    /// Ends the session.
    ///
    /// False when it had ended before.
    mutating func end(_ end: SessionEnd) -> Bool {
        if case .ended = phase { return false }
        phase = .ended(end)
        return true
    }

    var end: SessionEnd? {
        if case .ended(let end) = phase { end } else { nil }
    }
}
