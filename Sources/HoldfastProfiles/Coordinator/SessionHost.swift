import HoldfastCoordination
import HoldfastStorage
import Logging

/// What every session of a coordinator shares.
struct SessionHost: Sendable {
    let configuration: CoordinatorConfiguration
    let identity: ServerIdentity
    let backend: any CoordinationBackend
    let store: any DurableStore
    let committer: GroupCommitter
    let membership: Membership
    let claimer: Claimer
    let jobs: JobQueue
    let waits: WaitList
    let work: WorkQueue
    let paces = AutosavePaces()
    let watched = WatchList()
    let hints: OperationHints
    let layout = StoreLayout()
    /// Wakes who waits for the result of an operation of a record.
    let receipts: ReleaseSignals
    let metrics: ProfileMetrics
    let diagnostics: Diagnostics
    let logger: Logger

    var observer: (any SessionObserver)? { configuration.observer }
}
