import HoldfastStorage
import Logging
internal import Synchronization

/// A connection and the thread that owns it; batches are served one after the other.
///
/// The thread starts with the first batch. A batch ends at its deadline whatever the network does: the connection is
/// dropped then, and the next batch makes a new one.
final class ConnectionLane: Sendable {
    struct Job: Sendable {
        let batch: Batch
        let deadline: Instant
        let continuation: CheckedContinuation<Result<[QueryResult], StoreError>, Never>
    }

    enum Next {
        case job(Job)
        case idle
        case closed
    }

    private struct State {
        var jobs: [Job] = []
        var isClosed = false
        var isRunning = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    let configuration: PostgresConfiguration
    /// Shown by the server as the application's name.
    let name: String
    let logger: Logger
    let wakeup = Wakeup()
    private let state = Mutex(State())

    init(_ configuration: PostgresConfiguration, name: String, logger: Logger) {
        self.configuration = configuration
        self.name = name
        self.logger = logger
    }

    /// Runs a batch.
    ///
    /// A cancelled caller waits as well, since a commit cannot be called back.
    func run(_ batch: Batch, within timeout: Duration) async throws(StoreError) -> [QueryResult] {
        let deadline = ContinuousClock.now + timeout
        return try await withCheckedContinuation { continuation in
            enqueue(Job(batch: batch, deadline: deadline, continuation: continuation))
        }.get()
    }

    private func enqueue(_ job: Job) {
        enum Action {
            case refuse(StoreError)
            case start
            case wake
        }
        let action = state.withLock { state -> Action in
            guard !state.isClosed else { return .refuse(StoreError(.closed, "the store was closed")) }
            guard wakeup.isUsable else {
                return .refuse(StoreError(.unavailable, "the process has no file descriptors left"))
            }
            state.jobs.append(job)
            defer { state.isRunning = true }
            return state.isRunning ? .wake : .start
        }
        switch action {
        case .refuse(let error): job.continuation.resume(returning: .failure(error))
        case .wake: wakeup.signal()
        case .start:
            let started = startThread { LaneWorker(self).run() }
            if !started {
                state.withLock { $0.isRunning = false }
                failAll(StoreError(.unavailable, "the process cannot start another thread"))
            }
        }
    }

    /// Lets the batch in progress end, refuses those behind it, and waits for the thread.
    func close() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                state.isClosed = true
                if state.isRunning { state.closers.append(continuation) }
                return !state.isRunning
            }
            if isDone { continuation.resume() }
            wakeup.signal()
        }
    }

    /// The same without waiting.
    func stop() {
        state.withLock { $0.isClosed = true }
        wakeup.signal()
    }

    // MARK: - For the thread

    func next() -> Next {
        state.withLock { state in
            if state.isClosed { return .closed }
            return state.jobs.isEmpty ? .idle : .job(state.jobs.removeFirst())
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func failAll(_ error: StoreError) {
        let jobs = state.withLock { state in
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs { job.continuation.resume(returning: .failure(error)) }
    }

    func threadEnded() {
        failAll(StoreError(.closed, "the store was closed"))
        let closers = state.withLock { state in
            defer { state.closers = [] }
            state.isRunning = false
            return state.closers
        }
        for closer in closers { closer.resume() }
    }
}
