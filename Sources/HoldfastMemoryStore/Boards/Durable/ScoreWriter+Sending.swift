import HoldfastStorage
import Logging

extension ScoreWriter {
    /// Told of every batch that the store has applied.
    typealias Applied = @Sendable (ScoreBatcher.Batch, ScoreBatchOutcome) -> Void

    /// How long fast changes wait for company, and how often deadlines are looked at.
    private static let tick = Duration.milliseconds(50)
    /// How long the end may take.
    private static let ending = Duration.seconds(5)

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

    /// Sends batches one after the other, and tells of each while the store has the next.
    private func send(_ applied: Applied) async {
        var told: Answered?
        while true {
            let answered = told
            guard let batch = next() else {
                tell(answered, applied)
                told = nil
                guard await waitForWork() else { return }
                continue
            }
            async let telling: Void = tell(answered, applied)
            let ending = await settle(batch, until: nil) { batch in await self.commit(batch) }
            await telling
            told = nil
            switch ending {
            case .answered(let answered): told = answered
            case .failed: guard await pause(1) else { return }
            case .stopped: return
            }
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

    private func next() -> ScoreBatcher.Batch? {
        state.withLock { state in
            defer { state.sendsBehind = false }
            return state.batcher.next(
                id: .random(), now: .now, wall: wallClock(), alsoBehind: state.sendsBehind)
        }
    }

    /// A batch that the store has answered for good, and that nobody was told of yet.
    private struct Answered: Sendable {
        let batch: ScoreBatcher.Batch
        let outcome: ScoreBatchOutcome
        let settled: [ScoreBatcher.Settled]
    }

    /// How the sending of one batch ended.
    private enum Ending {
        case answered(Answered)
        /// Those who waited were told.
        case failed
        /// This task was cancelled, or the deadline passed; the batch is still under way.
        case stopped
    }

    /// Sends a batch until the store has answered.
    private func settle(
        _ first: ScoreBatcher.Batch, until deadline: ContinuousClock.Instant?,
        _ commit: (ScoreBatcher.Batch) async -> Result<ScoreBatchOutcome, StoreError>
    ) async -> Ending {
        var batch = first
        while true {
            let result = await commit(batch)
            let wall = wallClock()
            let step = state.withLock { state in
                let step = state.batcher.answered(result, now: .now, wall: wall)
                if case .settled(let settled) = step { state.untold = Set(settled.map(\.id)) }
                return step
            }
            switch step {
            case .settled(let settled):
                guard case .success(let outcome) = result else { return .failed }
                return .answered(Answered(batch: batch, outcome: outcome, settled: settled))
            case .again(let tries):
                BoardMetrics.ambiguousBatches.increment()
                guard let again = state.withLock({ $0.batcher.underWay }), await pause(tries),
                    deadline.map({ ContinuousClock.now < $0 }) ?? true
                else { return .stopped }
                batch = again
            case .failed(let ids, let lostFast, let error):
                fail(ids, error)
                reportLost(lostFast, "the store refused fast scores for good")
                logger.warning(
                    "a batch of scores failed",
                    metadata: ["store.code": "\(error.code)", "holdfast.scores": "\(batch.submissions.count)"])
                return .failed
            }
        }
    }

    /// Tells of a batch: first who brings it to Redis, so that those who wait find their own scores there.
    private func tell(_ answered: Answered?, _ applied: Applied) {
        guard let answered else { return }
        applied(answered.batch, answered.outcome)
        // Of changes that nobody waits for, too: Redis shows what the store refused.
        for case .refused(let refusal) in answered.outcome.outcomes { BoardMetrics.refused(refusal) }
        resuming { state, resumes in
            state.untold = []
            for (continuation, reply) in state.calls.settle(answered.settled, answered.outcome.changes) {
                resumes.append { continuation.resume(returning: reply) }
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

    private func fail(_ ids: [UInt64], _ error: StoreError) {
        resuming { state, resumes in
            for id in ids {
                guard let call = state.calls.owner(of: id) else { continue }
                // The other changes of the call may go on; nobody waits for them any more.
                finish(call, error, &state, &resumes)
            }
        }
    }

    /// Looks at deadlines, and lets what is behind go.
    private func watch() async {
        while (try? await Task.sleep(for: Self.tick)) != nil {
            resuming { state, resumes in
                let (unsent, overdue) = state.batcher.expire(now: .now)
                for id in unsent {
                    guard let call = state.calls.owner(of: id) else { continue }
                    let error = StoreError(.deadline, "the deadline passed while earlier scores kept the store busy")
                    finish(call, error, &state, &resumes)
                }
                for id in overdue {
                    guard let call = state.calls.owner(of: id) else { continue }
                    let error = StoreError(.outcomeUnknown, "the store has not answered in time; it is asked again")
                    finish(call, error, &state, &resumes)
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
            let ending = await settle(batch, until: deadline) { batch in await Self.execute(batch, durable.store) }
            switch ending {
            case .answered(let answered): tell(answered, applied)
            case .failed: _ = await pause(1)
            case .stopped: break
            }
        }
        resuming { state, resumes in
            state.phase = .ended
            for call in state.calls.open {
                finish(call, StoreError(.closed, "the memory store has stopped"), &state, &resumes)
            }
        }
        let left = state.withLock { $0.batcher.unsavedCount }
        reportLost(left, "fast scores did not reach the store before the end")
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
}
