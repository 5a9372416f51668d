import HoldfastStorage
import Logging
import Synchronization

/// Brings the score changes of a process to the store, many at a time; see ``ScoreBatcher`` for the order.
///
/// ``run(_:)`` sends. A call before that waits for it until its deadline. When `run()` is cancelled it goes on for a
/// few seconds to bring what was acknowledged fast to the store.
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
        /// Whether Redis had all of it within the moment that was waited for that; nil where nobody waited.
        var isProjected: Bool?

        func with(isProjected: Bool) -> Answer {
            var answer = self
            answer.isProjected = isProjected
            return answer
        }
    }

    enum Phase { case open, ending, ended }

    struct State {
        var batcher: ScoreBatcher
        var phase = Phase.open
        /// Whether somebody looks at deadlines.
        var isRunning = false
        var calls = ScoreCalls()
        /// Changes that the store has answered, and whose callers are not told yet.
        var untold: Set<UInt64> = []
        /// The sender, while it has nothing to do.
        var idle: CheckedContinuation<Void, Never>?
        var sendsBehind = false
        /// Fast changes that were given up.
        var lostFast = 0
    }

    /// Resumes taken out under the lock, to be made after it.
    typealias Resumes = [@Sendable () -> Void]

    let durable: MemoryStore.Durable
    let wallClock: @Sendable () -> Int64
    let logger: Logger
    let state: Mutex<State>

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
    /// - Throws: ``StoreError``: `deadline` and `unavailable` when nothing was sent, `outcomeUnknown`, `closed`. Some
    ///   of several changes may have taken effect then.
    func write(_ changes: [Change], timeout: Duration) async throws(StoreError) -> Answer {
        guard !changes.isEmpty else { return Answer(outcomes: [], reached: [:]) }
        let deadline = ContinuousClock.now + timeout
        let call = try add(changes, deadline: deadline)
        let reply = await withTaskCancellationHandler {
            await self.reply(to: call, until: deadline)
        } onCancel: {
            resuming { state, resumes in
                // What is under way is waited for: the caller is to know what became of it.
                guard state.batcher.isWaiting(state.calls.unanswered(call)), !state.calls.isPartlyAnswered(call) else {
                    return
                }
                let error = StoreError(.deadline, "the caller was cancelled before its scores were sent")
                finish(call, error, &state, &resumes)
            }
        }
        return try reply.get()
    }

    private func reply(
        to call: UInt64, until deadline: ContinuousClock.Instant
    ) async -> Result<Answer, StoreError> {
        guard !state.withLock({ $0.isRunning }) else { return await self.reply(to: call) }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
                self.expireUnsent(call)
            }
            let reply = await self.reply(to: call)
            group.cancelAll()
            return reply
        }
    }

    private func reply(to call: UInt64) async -> Result<Answer, StoreError> {
        await withCheckedContinuation { continuation in
            resuming { state, resumes in
                guard let reply = state.calls.wait(call, continuation) else { return }
                resumes.append { continuation.resume(returning: reply) }
            }
        }
    }

    /// Ends a call that nobody has sent by its deadline, since nobody sends yet.
    private func expireUnsent(_ call: UInt64) {
        resuming { state, resumes in
            guard !state.isRunning, state.batcher.isWaiting(state.calls.unanswered(call)) else { return }
            finish(call, StoreError(.deadline, "the memory store was not started in time"), &state, &resumes)
        }
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
            let (call, ids) = state.calls.open(changes.count)
            for (id, change) in zip(ids, changes) {
                state.batcher.add(
                    ScoreBatcher.Entry(
                        id: id, target: change.target, member: change.member, action: change.action,
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
    ///
    /// After the end nothing brings them there any more: they are counted as lost.
    func follow(_ changes: [(member: Key, change: FastChange)], table: SpaceName) {
        var lost = 0
        resuming { state, resumes in
            guard state.phase != .ended else { return lost = changes.count }
            for (member, change) in changes { state.batcher.follow(change, table: table, member: member) }
            BoardMetrics.behind.record(state.batcher.unsavedCount)
            wake(&state, &resumes)
        }
        reportLost(lost, "fast scores came after the end")
    }

    /// Counts fast changes that the store does not get.
    func reportLost(_ count: Int, _ message: Logger.Message) {
        guard count > 0 else { return }
        state.withLock { $0.lostFast += count }
        BoardMetrics.lostFast.increment(by: count)
        logger.error(message, metadata: ["holdfast.scores": "\(count)"])
    }

    /// Rows of the store with what is still behind for their members, so that projecting them takes nothing back.
    func withBehind(_ rows: [ScoreRow], of table: SpaceName) -> [ScoreRow] {
        state.withLock { $0.batcher.withBehind(rows, of: table) }
    }

    // MARK: - State

    func hasWork(_ state: State) -> Bool {
        state.batcher.hasWaiting || state.batcher.behindCount >= state.batcher.limits.batch
            || state.sendsBehind && state.batcher.behindCount > 0
    }

    func wake(_ state: inout State, _ resumes: inout Resumes) {
        guard let idle = state.idle, state.phase != .open || hasWork(state) else { return }
        state.idle = nil
        resumes.append { idle.resume() }
    }

    /// Answers a call; what of it still waits is not sent.
    func finish(_ call: UInt64, _ error: StoreError, _ state: inout State, _ resumes: inout Resumes) {
        let unanswered = state.calls.unanswered(call)
        state.batcher.remove(unanswered)
        var error = error
        let mayHaveHappened =
            state.calls.isPartlyAnswered(call) || state.batcher.isUnderWay(unanswered)
            || !state.untold.isDisjoint(with: unanswered)
        if mayHaveHappened, !error.isAmbiguous {
            error = StoreError(
                .outcomeUnknown, "some of the scores may have taken effect: \(error.message)", underlying: error)
        }
        guard let (continuation, reply) = state.calls.finish(call, .failure(error)) else { return }
        resumes.append { continuation.resume(returning: reply) }
    }

    /// Changes the state under the lock and makes the resumes after it.
    func resuming(_ change: (inout State, inout Resumes) -> Void) {
        let resumes = state.withLock { state in
            var resumes: Resumes = []
            change(&state, &resumes)
            return resumes
        }
        for resume in resumes { resume() }
    }
}
