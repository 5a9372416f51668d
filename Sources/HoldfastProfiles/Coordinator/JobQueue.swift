import Synchronization

/// Background work as children of `run()`: what a caller starts outlives the caller, never the coordinator.
final class JobQueue: Sendable {
    typealias Job = @Sendable () async -> Void

    private let stream: AsyncStream<Job>
    private let continuation: AsyncStream<Job>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Job.self)
    }

    /// Starts a job.
    ///
    /// False when the coordinator has stopped, and then the job never runs.
    @discardableResult
    func submit(_ job: @escaping Job) -> Bool {
        if case .enqueued = continuation.yield(job) { return true }
        return false
    }

    /// Runs jobs as they come until ``finish()``, then waits for the last of them.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in stream {
                group.addTask { await job() }
            }
        }
    }

    /// Takes no more jobs.
    func finish() {
        continuation.finish()
    }
}
