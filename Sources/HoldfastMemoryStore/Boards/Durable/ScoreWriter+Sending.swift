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
            case .failed(let ids, let lostFast, let error):
                fail(ids, error)
                reportLost(lostFast, "the store refused fast scores for good")
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

    private func deliver(_ settled: [ScoreBatcher.Settled], _ outcome: ScoreBatchOutcome) {
        resuming { state, resumes in
            for (continuation, reply) in state.calls.settle(settled, outcome.changes) {
                resumes.append { continuation.resume(returning: reply) }
            }
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
            _ = await settle(batch, until: deadline, applied) { batch in await Self.execute(batch, durable.store) }
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
