import HoldfastProfiles
import HoldfastStorage
import Synchronization

/// Notes when the store acknowledged each save.
final class SaveTimes: SessionObserver {
    private let times = Mutex<[ContinuousClock.Instant]>([])

    var all: [ContinuousClock.Instant] { times.withLock { $0 } }
    var count: Int { times.withLock { $0.count } }

    func saved(_ id: RecordID, receipt: SaveReceipt, document: [UInt8], applied: [OperationID]) {
        if receipt.wrote { times.withLock { $0.append(.now) } }
    }

    func clear() {
        times.withLock { $0 = [] }
    }

    /// Waits until there are so many.
    func wait(for count: Int, patience: Duration) async throws {
        let end = ContinuousClock.now + patience
        while self.count < count {
            guard ContinuousClock.now < end else {
                throw BenchError("only \(self.count) of \(count) autosaves were made in time")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
