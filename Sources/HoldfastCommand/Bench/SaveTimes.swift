import HoldfastProfiles
import HoldfastStorage
import Synchronization

/// Notes when the store acknowledged each save.
final class SaveTimes: SessionObserver {
    private struct State {
        var times: [ContinuousClock.Instant] = []
        /// How many somebody waits for.
        var goal: (count: Int, reached: AsyncStream<Void>.Continuation)?
    }

    private let state = Mutex(State())

    var all: [ContinuousClock.Instant] { state.withLock { $0.times } }
    var count: Int { state.withLock { $0.times.count } }

    func saved(_ id: RecordID, receipt: SaveReceipt, document: [UInt8], applied: [OperationID]) {
        guard receipt.wrote else { return }
        state.withLock { state in
            state.times.append(.now)
            if let goal = state.goal, state.times.count >= goal.count { goal.reached.finish() }
        }
    }

    func clear() {
        state.withLock { $0 = State() }
    }

    /// Waits until there are so many, woken once: looking again and again would cost more than the saves that are
    /// measured beside it.
    func wait(for count: Int, patience: Duration) async throws {
        let (stream, reached) = AsyncStream.makeStream(of: Void.self)
        state.withLock { state in
            state.goal = (count, reached)
            if state.times.count >= count { reached.finish() }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in stream {} }
            group.addTask {
                try await Task.sleep(for: patience)
                throw BenchError("only \(self.count) of \(count) autosaves were made in time")
            }
            try await group.next()
            group.cancelAll()
        }
    }
}
