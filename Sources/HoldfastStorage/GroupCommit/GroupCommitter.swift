import Logging
import Synchronization

/// Lets requests of one process that arrive together commit together.
///
/// While a group is in flight, further requests gather and form the next one, at most 256 requests and
/// 8 MiB. Nothing is ever delayed to fill a group. Requests that name the same record or trade never share
/// one and keep their order.
///
/// Run ``run()`` as a child of whatever owns the committer. A call before that waits for it until its
/// deadline. A deadline or a cancellation removes a request only while it waits here; once its group is
/// in flight the call returns the group's answer, so that no outcome is ever lost in silence. How long
/// that can take is bounded by the store's own deadline.
public final class GroupCommitter: Sendable {
    private struct Call {
        var request: StoreRequest
        var deadline: ContinuousClock.Instant
        /// Nil until the caller waits.
        ///
        /// Unsafe, since every save waits here: leaving `calls` is what entitles to the one resume.
        var continuation: UnsafeContinuation<Result<StoreReply, StoreError>, Never>?
        var isCancelled = false
        var queuedAt: ContinuousClock.Instant
    }

    private struct Work: Sendable {
        let group: UInt64
        let members: [UInt64]
        let requests: [StoreRequest]
    }

    private enum Phase { case notRunning, running, ended }

    private struct State {
        var phase = Phase.notRunning
        var queue: GroupQueue
        var calls: [UInt64: Call] = [:]
        var idleWorkers: [CheckedContinuation<Work?, Never>] = []
        var lastCall: UInt64 = 0
    }

    /// Resumes taken out under the lock, to be made after it.
    private typealias Resumes = [@Sendable () -> Void]

    private let runner: GroupRunner
    let gate: RequestGate?
    private let concurrency: Int
    private let state: Mutex<State>
    private let watches = Mutex<[any CallWatch]>([])

    var isRunning: Bool { state.withLock { $0.phase == .running } }

    /// How many requests wait for a group.
    var waitingCount: Int { state.withLock { $0.queue.count } }

    /// How often waiting requests are compared with their deadlines.
    private static let sweepInterval = Duration.milliseconds(250)

    /// Makes a committer that does nothing until ``run()``.
    ///
    /// - Parameters:
    ///   - store: Where groups go.
    ///   - concurrency: Groups in flight at once: with 2, the store finds the next one waiting when it has written one.
    ///   - maximumQueued: Waiting requests beyond which further ones are refused as `unavailable`.
    ///   - budget: How many requests a second may go to the store; nil for any.
    ///   - logger: Tells of groups that failed.
    public init(
        store: any DurableStore, concurrency: Int = 2, maximumQueued: Int = 10_000,
        budget: RequestBudget? = nil, logger: Logger = Logger(label: "holdfast.store")
    ) {
        gate = budget.map { RequestGate($0) }
        self.runner = GroupRunner(store: store, logger: logger)
        self.concurrency = max(1, concurrency)
        var limits = GroupQueue.Limits()
        limits.waiting = max(1, maximumQueued)
        limits.groupsInFlight = self.concurrency
        self.state = Mutex(State(queue: GroupQueue(limits: limits)))
    }

    /// Tells `watch` of every group from now on.
    package func tell(_ watch: any CallWatch) {
        watches.withLock { $0.append(watch) }
    }

    /// Sends groups until the task is cancelled; then awaits those in flight and refuses the rest as `closed`.
    ///
    /// Only the first call does anything.
    public func run() async {
        let starts = state.withLock { state in
            defer { if state.phase == .notRunning { state.phase = .running } }
            return state.phase == .notRunning
        }
        guard starts else { return }
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { tasks in
                for _ in 0..<concurrency { tasks.addTask { await self.work() } }
                tasks.addTask { await self.sweep() }
                if let gate { tasks.addTask { await gate.run() } }
            }
        } onCancel: {
            end()
        }
    }

    // MARK: - Callers

    func submit(
        _ request: StoreRequest, _ timeout: Duration, isUrgent: Bool = false
    ) async throws(StoreError) -> StoreReply {
        try request.validate()
        let now = ContinuousClock.now
        let deadline = now + timeout
        try await passGate(
            request.records.first, isUrgent: isUrgent || request.keepsDataSafe, until: deadline)
        let (id, isRunning) = state.withLock { state in
            state.lastCall += 1
            state.calls[state.lastCall] = Call(request: request, deadline: deadline, queuedAt: now)
            return (state.lastCall, state.phase != .notRunning)
        }
        if isRunning { return try await wait(id).get() }
        // Nobody sweeps before `run()`, so this call watches its own deadline.
        async let _: Void = expire(at: deadline)
        return try await wait(id).get()
    }

    private func wait(_ id: UInt64) async -> Result<StoreReply, StoreError> {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                resume { state, resumes in register(id, continuation, &state, &resumes) }
            }
        } onCancel: {
            resume { state, resumes in
                guard let call = state.calls[id] else { return }
                if call.continuation == nil {
                    // Cancelled before it waits: `register` sees the mark.
                    state.calls[id]?.isCancelled = true
                } else if state.queue.remove(id) {
                    finish(id, .failure(Self.cancelled()), &state, &resumes)
                }
            }
        }
    }

    private static func cancelled() -> StoreError {
        StoreError(.deadline, "the caller was cancelled before its request was sent")
    }

    private func register(
        _ id: UInt64, _ continuation: UnsafeContinuation<Result<StoreReply, StoreError>, Never>, _ state: inout State,
        _ resumes: inout Resumes
    ) {
        guard let call = state.calls[id] else { return }
        state.calls[id]?.continuation = continuation
        let entry = GroupQueue.Entry(
            id: id, records: call.request.records, trade: call.request.trade, bytes: call.request.payloadBytes,
            deadline: call.deadline
        )
        if call.isCancelled {
            finish(id, .failure(Self.cancelled()), &state, &resumes)
        } else if state.phase == .ended {
            finish(id, .failure(Self.closed()), &state, &resumes)
        } else if !state.queue.add(entry) {
            let error = StoreError(.unavailable, "\(state.queue.count) requests already wait for the store")
            finish(id, .failure(error), &state, &resumes)
        } else {
            StorageMetrics.queued.record(state.queue.count)
            wakeWorker(&state, &resumes)
        }
    }

    private static func closed() -> StoreError {
        StoreError(.closed, "the store's committer has ended")
    }

    // MARK: - Deadlines and the end

    private func sweep() async {
        while (try? await Task.sleep(for: Self.sweepInterval)) != nil { expire(now: .now) }
    }

    private func expire(at deadline: ContinuousClock.Instant) async {
        guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
        expire(now: .now)
    }

    private func expire(now: ContinuousClock.Instant) {
        resume { state, resumes in
            let message =
                state.phase == .notRunning
                ? "the store's committer is not running: start the coordinator's run() first"
                : "the deadline passed while earlier requests kept the store busy"
            for id in state.queue.expire(now: now) {
                StorageMetrics.expired.increment()
                finish(id, .failure(StoreError(.deadline, message)), &state, &resumes)
            }
        }
    }

    private func end() {
        resume { state, resumes in
            state.phase = .ended
            for id in state.queue.removeAll() { finish(id, .failure(Self.closed()), &state, &resumes) }
            let workers = state.idleWorkers
            state.idleWorkers = []
            for worker in workers { resumes.append { worker.resume(returning: nil) } }
        }
    }

    // MARK: - Workers

    private func work() async {
        while let work = await nextWork() {
            // Not a child: a cancelled `run()` must still get the answer of what is in flight.
            let began = ContinuousClock.now
            let watches = watches.withLock { $0 }
            let replies = await Task { await runner.run(work.requests, watch: watches.first) }.value
            for watch in watches {
                watch.finished(work.requests, replies, took: began.duration(to: .now))
            }
            resume { state, resumes in
                state.queue.finish(work.group)
                for (id, reply) in zip(work.members, replies) { finish(id, reply, &state, &resumes) }
            }
        }
    }

    private func nextWork() async -> Work? {
        await withCheckedContinuation { continuation in
            resume { state, resumes in
                if state.phase == .ended {
                    resumes.append { continuation.resume(returning: nil) }
                } else {
                    state.idleWorkers.append(continuation)
                    wakeWorker(&state, &resumes)
                }
            }
        }
    }

    /// Hands groups to idle workers while there are both.
    private func wakeWorker(_ state: inout State, _ resumes: inout Resumes) {
        while !state.idleWorkers.isEmpty, let group = state.queue.next() {
            let worker = state.idleWorkers.removeLast()
            let calls = group.members.compactMap { state.calls[$0] }
            if let first = calls.first { StorageMetrics.queueTime.record(duration: first.queuedAt.duration(to: .now)) }
            let work = Work(group: group.id, members: group.members, requests: calls.map(\.request))
            resumes.append { worker.resume(returning: work) }
        }
    }

    // MARK: - Locking

    /// Changes the state under the lock and makes the resumes after it.
    private func resume(_ change: (inout State, inout Resumes) -> Void) {
        let resumes = state.withLock { state in
            var resumes: Resumes = []
            change(&state, &resumes)
            return resumes
        }
        for resume in resumes { resume() }
    }

    private func finish(
        _ id: UInt64, _ result: Result<StoreReply, StoreError>, _ state: inout State, _ resumes: inout Resumes
    ) {
        guard let continuation = state.calls.removeValue(forKey: id)?.continuation else { return }
        resumes.append { continuation.resume(returning: result) }
    }
}
