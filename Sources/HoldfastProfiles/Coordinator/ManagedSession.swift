import HoldfastCoordination
import HoldfastStorage

/// A session as the coordinator's loops see it, whatever its document type.
protocol ManagedSession: AnyObject, Sendable {
    var id: RecordID { get }
    var claim: LeaseClaim { get }
    var isEnded: Bool { get }
    /// Whether it holds neither lease nor row.
    var isFallback: Bool { get }
    /// Whether the last save and the release are under way.
    var isFinishing: Bool { get }

    func describe(now: ContinuousClock.Instant) -> SessionDescription
    /// The lease was extended by a request sent at this time.
    func renewed(sentAt: ContinuousClock.Instant)
    /// Redis has no lease: take it anew, if the row is still this session's.
    func reclaim() async
    /// Redis shows the lease with another session: try a last save, then end.
    func leaseTaken() async
    /// Saves and releases. The handles of the game end with it.
    func finish(_ end: SessionEnd, until deadline: ContinuousClock.Instant) async throws(ProfileError)
    /// Ends without a save where the record was erased.
    func checkErasure() async
    /// Saves and returns once the store has it.
    func saveNow() async throws(ProfileError)
    /// Pending operations of this record as the store has them.
    func receive(_ operations: [OperationRecord])
    /// Starts what is due: a save, the expiry of waits.
    func tick(now: ContinuousClock.Instant)
    /// Ends at once, without saving.
    func stop()
}
