import HoldfastCoordination
import HoldfastStorage
import Logging

/// What every session of a coordinator shares.
///
/// A class, since every save hands it on several times.
final class SessionHost: Sendable {
    let configuration: CoordinatorConfiguration
    let identity: ServerIdentity
    let backend: any CoordinationBackend
    let store: any DurableStore
    let committer: GroupCommitter
    let membership: Membership
    let claimer: Claimer
    let jobs = JobQueue()
    let waits: WaitList
    let work: WorkQueue
    let paces = AutosavePaces()
    let watched = WatchList()
    let hints = OperationHints()
    let layout = StoreLayout()
    /// Wakes who waits for the result of an operation of a record.
    let receipts = ReleaseSignals()
    let metrics: ProfileMetrics
    let diagnostics: Diagnostics
    let logger: Logger

    var observer: (any SessionObserver)? { configuration.observer }

    init(
        configuration: CoordinatorConfiguration, identity: ServerIdentity, backend: any CoordinationBackend,
        store: any DurableStore, committer: GroupCommitter, membership: Membership, claimer: Claimer,
        metrics: ProfileMetrics, diagnostics: Diagnostics, logger: Logger
    ) {
        self.configuration = configuration
        self.identity = identity
        self.backend = backend
        self.store = store
        self.committer = committer
        self.membership = membership
        self.claimer = claimer
        waits = WaitList()
        work = WorkQueue(atOnce: configuration.workAtOnce, waits: waits)
        self.metrics = metrics
        self.diagnostics = diagnostics
        self.logger = logger
    }
}
