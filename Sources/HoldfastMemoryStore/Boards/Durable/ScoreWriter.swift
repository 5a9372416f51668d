import HoldfastStorage
import Logging
import Synchronization

/// Brings the score changes of a process to the store, many at a time; see ``ScoreBatcher`` for the order.
///
/// ``run()`` sends. A call before that waits for it until its deadline. When `run()` is cancelled it goes on for a few
/// seconds to bring what was acknowledged fast to the store.
final class ScoreWriter: Sendable {
    /// One change to be made.
    struct Change: Sendable {
        let target: SeasonTarget
        let member: Key
        let action: ScoreSubmission.Action
        var metadata: [UInt8]?
        var conditions = ScoreSubmission.Conditions()
    }

    /// What became of the changes of one call.
    struct Answer: Sendable {
        /// In the order of the call.
        var outcomes: [ScoreBatcher.Settled]
        /// The change number to which each table has to be projected, so that a reader sees these changes.
        var reached: [SpaceName: Int64]
    }

    private typealias Reply = Result<Answer, StoreError>

    private struct Call {
        var outcomes: [ScoreBatcher.Settled?]
        var missing: Int
        var reached: [SpaceName: Int64] = [:]
        /// Nil until the caller waits.
        var continuation: CheckedContinuation<Reply, Never>?
        /// What came before the caller waited.
        var reply: Reply?
    }

    private enum Phase { case open, ending, ended }

    private struct State {
        var batcher: ScoreBatcher
        var phase = Phase.open
        var calls: [UInt64: Call] = [:]
        /// The call of a change, and its position there.
        var places: [UInt64: (call: UInt64, position: Int)] = [:]
        var lastID: UInt64 = 0
        /// The sender, while it has nothing to do.
        var idle: CheckedContinuation<Void, Never>?
        var sendsBehind = false
    }

    /// Resumes taken out under the lock, to be made after it.
    private typealias Resumes = [@Sendable () -> Void]

    private let durable: MemoryStore.Durable
    private let wallClock: @Sendable () -> Int64
    private let logger: Logger
    private let state: Mutex<State>
    /// Told of every batch that the store has applied.
    typealias Applied = @Sendable (ScoreBatcher.Batch, ScoreBatchOutcome) -> Void

    /// How long fast changes wait for company, and how often deadlines are looked at.
    private static let tick = Duration.milliseconds(50)
    /// How long the end may take.
    private static let ending = Duration.seconds(5)

    init(
        _ durable: MemoryStore.Durable, wallClock: @escaping @Sendable () -> Int64, logger: Logger,
        limits: ScoreBatcher.Limits = ScoreBatcher.Limits()
    ) {
        self.durable = durable
        self.wallClock = wallClock
        self.logger = logger
        state = Mutex(State(batcher: ScoreBatcher(limits: limits)))
    }

    // MARK: - Callers

    /// Makes changes durably, each on its own; returns when the store has answered for all of them.
    ///
    /// - Throws: ``StoreError``: `deadline` and `unavailable` when nothing was sent, `outcomeUnknown`, `closed`. Some of
    ///   several changes may have taken effect then.
    func write(_ changes: [Change], timeout: Duration) async throws(StoreError) -> Answer {
        guard !changes.isEmpty else { return Answer(outcomes: [], reached: [:]) }
        let deadline = ContinuousClock.now + timeout
        let call = try add(changes, deadline: deadline)
        let reply = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                resuming { state, resumes in
                    if let reply = state.calls[call]?.reply {
                        state.calls[call] = nil
                        resumes.append { continuation.resume(returning: reply) }
                    } else {
                        state.calls[call]?.continuation = continuation
                    }
                }
            }
        } onCancel: {
            resuming { state, resumes in
                let ids = Set(state.places.lazy.filter { $0.value.call == call }.map(\.key))
                let before = state.batcher.waitingCount
                state.batcher.remove(ids)
                // What is under way is waited for: the caller is to know what became of it.
                guard before - state.batcher.waitingCount == state.calls[call]?.outcomes.count else { return }
                let error = StoreError(.deadline, "the caller was cancelled before its scores were sent")
                finish(call, .failure(error), &state, &resumes)
            }
        }
        return try reply.get()
    }

    private func add(
        _ changes: [Change], deadline: ContinuousClock.Instant
    ) throws(StoreError) -> UInt64 {
        let wall = wallClock()
        let (result, resumes): (Result<UInt64, StoreError>, Resumes) = state.withLock { state in
            guard state.phase == .open else {
                return (.failure(StoreError(.closed, "the memory store has stopped")), [])
            }
            guard state.batcher.hasRoom(for: changes.count) else {
                let count = state.batcher.waitingCount
                return (.failure(StoreError(.unavailable, "\(count) scores already wait for the store")), [])
            }
            state.lastID += 1
            let call = state.lastID
            state.calls[call] = Call(
                outcomes: [ScoreBatcher.Settled?](repeating: nil, count: changes.count), missing: changes.count)
            for (position, change) in changes.enumerated() {
                state.lastID += 1
                state.places[state.lastID] = (call, position)
                state.batcher.add(
                    ScoreBatcher.Entry(
                        id: state.lastID, target: change.target, member: change.member, action: change.action,
                        metadata: change.metadata, conditions: change.conditions, deadline: deadline),
                    wall: wall)
            }
            var resumes: Resumes = []
            wake(&state, &resumes)
            return (.success(call), resumes)
        }
        for resume in resumes { resume() }
        return try result.get()
    }

    // MARK: - Fast changes

    /// Whether fast changes of so many members may go to Redis: what is behind is bounded.
    func hasRoomBehind(for count: Int) -> Bool {
        state.withLock { $0.phase == .open && $0.batcher.hasRoomBehind(for: count) }
    }

    /// Takes note of changes that Redis has and the store has not.
    func follow(_ changes: [(member: Key, change: FastChange)], table: SpaceName) {
        resuming { state, resumes in
            for (member, change) in changes { state.batcher.follow(change, table: table, member: member) }
            BoardMetrics.behind.record(state.batcher.behindCount)
            wake(&state, &resumes)
        }
    }

    /// Rows of the store with what is still behind for their members, so that projecting them takes nothing back.
    func withBehind(_ rows: [ScoreRow], of table: SpaceName) -> [ScoreRow] {
        state.withLock { state in
            guard state.batcher.behindCount > 0 else { return rows }
            return rows.map { row in
                guard !row.isRemoved, let fast = state.batcher.behind(table, row.member),
                    let pair = fast.rule.meet(
                        stored: ScorePair(score: row.score, subscore: row.subscore), submitted: fast.pair)
                else { return row }
                var row = row
                (row.score, row.subscore) = (pair.score, pair.subscore)
                row.submissions += Int64(fast.count)
                row.metadata = fast.metadata ?? row.metadata
                return row
            }
        }
    }

    // MARK: - Sending

    /// Sends until the task is cancelled, then brings what was acknowledged fast to the store.
    func run(applied: @escaping Applied) async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.send(applied) }
                group.addTask { await self.watch() }
            }
        } onCancel: {
            resuming { state, resumes in
                state.phase = .ending
                wake(&state, &resumes)
            }
        }
        // Not a child: the end has its own limit.
        await Task { await drain(applied) }.value
    }

    private func send(_ applied: Applied) async {
        while await waitForWork() {
            guard let batch = next() else { continue }
            guard await settle(batch, until: nil, applied, { batch in await self.commit(batch) }) else { return }
        }
    }

    /// Waits until there may be something to send; false at the end.
    private func waitForWork() async -> Bool {
        await withCheckedContinuation { continuation in
            resuming { state, resumes in
                if state.phase == .open, state.idle == nil, !hasWork(state) {
                    state.idle = continuation
                } else {
                    resumes.append { continuation.resume() }
                }
            }
        }
        return state.withLock { $0.phase == .open }
    }

    private func hasWork(_ state: State) -> Bool {
        state.batcher.hasWaiting || state.batcher.behindCount >= state.batcher.limits.batch
            || state.sendsBehind && state.batcher.behindCount > 0
    }

    private func wake(_ state: inout State, _ resumes: inout Resumes) {
        guard let idle = state.idle, state.phase != .open || hasWork(state) else { return }
        state.idle = nil
        resumes.append { idle.resume() }
    }

    private func next() -> ScoreBatcher.Batch? {
        state.withLock { state in
            defer { state.sendsBehind = false }
            return state.batcher.next(
                id: .random(), now: .now, wall: wallClock(), alsoBehind: state.sendsBehind)
        }
    }

    /// Sends a batch until the store has answered; false when this task was cancelled, or the deadline passed, before.
    private func settle(
        _ first: ScoreBatcher.Batch, until deadline: ContinuousClock.Instant?, _ applied: Applied,
        _ commit: (ScoreBatcher.Batch) async -> Result<ScoreBatchOutcome, StoreError>
    ) async -> Bool {
        var batch = first
        while true {
            let result = await commit(batch)
            let wall = wallClock()
            let step = state.withLock { $0.batcher.answered(result, now: .now, wall: wall) }
            switch step {
            case .settled(let settled):
                guard case .success(let outcome) = result else { return true }
                applied(batch, outcome)
                report(batch, outcome)
                deliver(settled, outcome)
                return true
            case .again(let tries):
                BoardMetrics.ambiguousBatches.increment()
                guard let again = state.withLock({ $0.batcher.underWay }), await pause(tries),
                    deadline.map({ ContinuousClock.now < $0 }) ?? true
                else { return false }
                batch = again
            case .failed(let ids, let error):
                fail(ids, error)
                logger.warning(
                    "a batch of scores failed",
                    metadata: ["store.code": "\(error.code)", "holdfast.scores": "\(batch.submissions.count)"])
                return await pause(1)
            }
        }
    }

    private func pause(_ tries: Int) async -> Bool {
        let pause = Duration.milliseconds(20) * (1 << min(tries, 6)) * Double.random(in: 0.5...1)
        return (try? await Task.sleep(for: pause)) != nil
    }

    /// Commits together with other requests of this process.
    private func commit(_ batch: ScoreBatcher.Batch) async -> Result<ScoreBatchOutcome, StoreError> {
        // Not a child: a cancelled sender must still get the answer of what is in flight.
        await Task { await Self.result(of: batch, durable) }.value
    }

    private static func result(
        of batch: ScoreBatcher.Batch, _ durable: MemoryStore.Durable
    ) async -> Result<ScoreBatchOutcome, StoreError> {
        do throws(StoreError) {
            let request = ScoreBatch(id: batch.id, submissions: batch.submissions)
            let outcome = try await durable.committer.submit(request, timeout: durable.timeout)
            return .success(outcome)
        } catch {
            return .failure(error)
        }
    }

    /// Counts refusals of changes that nobody waits for: Redis shows what the store refused.
    private func report(_ batch: ScoreBatcher.Batch, _ outcome: ScoreBatchOutcome) {
        for result in outcome.outcomes {
            if case .refused(let refusal) = result { BoardMetrics.refused(refusal) }
        }
    }

    // MARK: - Answers

    private func deliver(_ settled: [ScoreBatcher.Settled], _ outcome: ScoreBatchOutcome) {
        resuming { state, resumes in
            for change in settled {
                guard let (id, position) = state.places.removeValue(forKey: change.id),
                    var call = state.calls.removeValue(forKey: id)
                else { continue }
                call.outcomes[position] = change
                if let last = outcome.changes[change.table]?.upperBound {
                    call.reached[change.table] = max(last, call.reached[change.table] ?? 0)
                }
                call.missing -= 1
                state.calls[id] = call
                if call.missing == 0 {
                    let answer = Answer(outcomes: call.outcomes.compactMap { $0 }, reached: call.reached)
                    finish(id, .success(answer), &state, &resumes)
                }
            }
        }
    }

    private func fail(_ ids: [UInt64], _ error: StoreError) {
        resuming { state, resumes in
            for id in ids {
                guard let call = state.places[id]?.call else { continue }
                // The other changes of the call may go on; nobody waits for them any more.
                finish(call, .failure(error), &state, &resumes)
            }
        }
    }

    private func finish(_ call: UInt64, _ reply: Reply, _ state: inout State, _ resumes: inout Resumes) {
        guard let finished = state.calls[call], finished.reply == nil else { return }
        if finished.missing > 0 {
            let rest = Set(state.places.lazy.filter { $0.value.call == call }.map(\.key))
            state.batcher.remove(rest)
            for id in rest { state.places[id] = nil }
        }
        if let continuation = finished.continuation {
            state.calls[call] = nil
            resumes.append { continuation.resume(returning: reply) }
        } else {
            state.calls[call]?.reply = reply
        }
    }

    /// Looks at deadlines, and lets what is behind go.
    private func watch() async {
        while (try? await Task.sleep(for: Self.tick)) != nil {
            resuming { state, resumes in
                let (unsent, overdue) = state.batcher.expire(now: .now)
                for id in unsent {
                    guard let call = state.places[id]?.call else { continue }
                    let error = StoreError(.deadline, "the deadline passed while earlier scores kept the store busy")
                    finish(call, .failure(error), &state, &resumes)
                }
                for id in overdue {
                    guard let call = state.places[id]?.call else { continue }
                    let error = StoreError(.outcomeUnknown, "the store has not answered in time; it is asked again")
                    finish(call, .failure(error), &state, &resumes)
                }
                state.sendsBehind = true
                wake(&state, &resumes)
            }
        }
    }

    // MARK: - The end

    /// Brings what was acknowledged to the store without the committer, which may have ended first.
    private func drain(_ applied: Applied) async {
        let deadline = ContinuousClock.now + Self.ending
        while ContinuousClock.now < deadline {
            state.withLock { $0.sendsBehind = true }
            guard let batch = state.withLock({ $0.batcher.underWay }) ?? next() else { break }
            _ = await settle(batch, until: deadline, applied) { batch in await Self.execute(batch, durable.store) }
        }
        resuming { state, resumes in
            state.phase = .ended
            for (call, _) in state.calls {
                finish(call, .failure(StoreError(.closed, "the memory store has stopped")), &state, &resumes)
            }
        }
        let left = state.withLock { $0.batcher.unsavedCount }
        guard left > 0 else { return }
        BoardMetrics.lostFast.increment(by: left)
        logger.error("fast scores did not reach the store before the end", metadata: ["holdfast.members": "\(left)"])
    }

    private static func execute(
        _ batch: ScoreBatcher.Batch, _ store: any DurableStore
    ) async -> Result<ScoreBatchOutcome, StoreError> {
        do throws(StoreError) {
            let request = ScoreBatch(id: batch.id, submissions: batch.submissions)
            guard case .submit(let outcome)? = try await store.execute([.submit(request)]).first else {
                return .failure(StoreError(.internalError, "the store answered another kind of request"))
            }
            return .success(outcome)
        } catch {
            return .failure(error)
        }
    }

    // MARK: - Locking

    /// Changes the state under the lock and makes the resumes after it.
    private func resuming(_ change: (inout State, inout Resumes) -> Void) {
        let resumes = state.withLock { state in
            var resumes: Resumes = []
            change(&state, &resumes)
            return resumes
        }
        for resume in resumes { resume() }
    }
}
