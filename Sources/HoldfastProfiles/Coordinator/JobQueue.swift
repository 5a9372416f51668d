import Synchronization
import Tracing

/// Background work that outlives the caller who starts it, never the coordinator.
///
/// Every job is a task of its own, started by the caller: a queue with a task that hands jobs out would cost each save
/// two more changes of thread.
final class JobQueue: Sendable {
    typealias Job = @Sendable () async -> Void

    fileprivate struct State {
        var jobs: [UInt64: Task<Void, Never>] = [:]
        var lastID: UInt64 = 0
        var isFinished = false
        var isCancelled = false
        /// Resumed when the queue is finished and the last job has ended.
        var runner: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Starts a job.
    ///
    /// False when the coordinator has stopped, and then the job never runs.
    @discardableResult
    func submit(_ job: @escaping Job) -> Bool {
        state.withLock { state in
            guard !state.isFinished else { return false }
            state.lastID += 1
            let id = state.lastID
            // It ends by taking this lock, so never before it is in the list.
            let context = ServiceContext.current
            let task = Task.detached {
                // What a span covers goes on in the job that its caller started.
                if let context { await ServiceContext.withValue(context, operation: job) } else { await job() }
                self.end(id)
            }
            state.jobs[id] = task
            if state.isCancelled { task.cancel() }
            return true
        }
    }

    private func end(_ id: UInt64) {
        let runner = state.withLock { state in
            state.jobs[id] = nil
            return state.takeRunner()
        }
        runner?.resume()
    }

    /// Returns when the queue is finished and the last job has ended; a cancellation cancels all jobs.
    func run() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let runner = state.withLock { state in
                    state.runner = continuation
                    return state.takeRunner()
                }
                runner?.resume()
            }
        } onCancel: {
            let jobs = state.withLock { state in
                state.isCancelled = true
                return Array(state.jobs.values)
            }
            for job in jobs { job.cancel() }
        }
    }

    /// Takes no more jobs.
    func finish() {
        let runner = state.withLock { state in
            state.isFinished = true
            return state.takeRunner()
        }
        runner?.resume()
    }
}

extension JobQueue.State {
    /// The continuation of `run()` once nothing is left to wait for.
    fileprivate mutating func takeRunner() -> CheckedContinuation<Void, Never>? {
        guard isFinished, jobs.isEmpty else { return nil }
        defer { runner = nil }
        return runner
    }
}
