import HoldfastStorage
import Synchronization

/// Records whose operations are to be asked for before the next round of all.
final class OperationHints: Sendable {
    private let records = Mutex<Set<RecordID>>([])
    private let signal = LoopSignal()

    /// Asks for a record's operations now; hints that come while one query runs gather.
    func add(_ record: RecordID) {
        records.withLock { _ = $0.insert(record) }
        signal.request()
    }

    /// Takes what has gathered.
    func takeAll() -> Set<RecordID> {
        records.withLock { records in
            defer { records = [] }
            return records
        }
    }

    /// Waits for a hint, a time or a cancellation; for one waiter.
    func wait(until deadline: ContinuousClock.Instant) async {
        await signal.wait(until: deadline)
    }
}
