import HoldfastStorage
import Logging

extension ScoreWriter {
    /// Who brings to Redis what the store has applied.
    struct Follower: Sendable {
        /// Told of every batch that the store has applied.
        let applied: @Sendable (ScoreBatcher.Batch, ScoreBatchOutcome) -> Void
        /// Waits a moment for Redis to have a change of a table; false where it has it not by then.
        let reaches: @Sendable (SpaceName, Int64) async -> Bool
    }

    /// How long fast changes wait for company, and how often deadlines are looked at.
    private static let tick = Duration.milliseconds(50)
    /// How long the end may take.
    private static let ending = Duration.seconds(5)

    /// Sends until the task is cancelled, then brings what was acknowledged fast to the store.
    func run(_ follower: Follower) async {
        state.withLock { $0.isRunning = true }
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.send(follower) }
                group.addTask { await self.watch() }
            }
        } onCancel: {
            resuming { state, resumes in
                state.phase = .ending
                wake(&state, &resumes)
            }
        }
        // Not a child: the end has its own limit.
        await Task { await drain(follower) }.value
    }

    /// Sends batches one after the other, and tells of each while the store has the next.
    private func send(_ follower: Follower) async {
        await withDiscardingTaskGroup { group in
            var answered: Answered?
            while state.withLock({ $0.phase == .open }) {
                guard let batch = next() else {
                    if let last = answered.take() { tell(last, follower, &group) }
                    await waitForWork()
                    continue
                }
                async let result = commit(batch)
                if let last = answered.take() { tell(last, follower, &group) }
                switch await settle(batch, result, until: nil, { batch in await self.commit(batch) }) {
                case .answered(let next): answered = next
                case .failed: guard await pause(1) else { return }
                case .stopped: return
                }
            }
            if let last = answered.take() { tell(last, follower, &group) }
        }
    }

    /// Waits until there may be something to send, or the end.
    private func waitForWork() async {
        await withCheckedContinuation { continuation in
            resuming { state, resumes in
                if state.phase == .open, state.idle == nil, !hasWork(state) {
                    state.idle = continuation
                } else {
                    resumes.append { continuation.resume() }
                }
            }
        }
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

    /// Takes the store's answer to a batch, and sends it again until there is one.
    private func settle(
        _ first: ScoreBatcher.Batch, _ answer: Result<ScoreBatchOutcome, StoreError>,
        until deadline: ContinuousClock.Instant?,
        _ commit: (ScoreBatcher.Batch) async -> Result<ScoreBatchOutcome, StoreError>
    ) async -> Ending {
        var (batch, result) = (first, answer)
        while true {
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
                result = await commit(batch)
            case .failed(let ids, let lostFast, let error):
                fail(ids, error)
                reportLost(lostFast, "the store refused fast scores for good")
                logger.warning(
                    "a batch of scores failed",
                    metadata: ["holdfast.error": "\(error)", "holdfast.scores": "\(batch.submissions.count)"])
                return .failed
            }
        }
    }

    /// Tells of a batch: first who brings it to Redis, then those who wait, once Redis has it.
    ///
    /// One wait for all of a table costs them less than a wait of each.
    private func tell(_ answered: Answered, _ follower: Follower, _ group: inout DiscardingTaskGroup) {
        var waits: [(table: SpaceName, change: Int64, replies: [ScoreCalls.Resume])] = []
        for resume in note(answered, follower) {
            guard case .success(let answer) = resume.reply, answer.reached.count == 1,
                let (table, change) = answer.reached.first
            else {
                resume.continuation.resume(returning: resume.reply)
                continue
            }
            if let place = waits.firstIndex(where: { $0.table == table }) {
                waits[place].change = max(waits[place].change, change)
                waits[place].replies.append(resume)
            } else {
                waits.append((table, change, [resume]))
            }
        }
        for (table, change, replies) in waits {
            group.addTask {
                let isProjected = await follower.reaches(table, change)
                for (continuation, reply) in replies {
                    continuation.resume(returning: reply.map { $0.with(isProjected: isProjected) })
                }
            }
        }
    }

    /// Takes note of a batch's answer.
    ///
    /// - Returns: Whom it completes.
    private func note(_ answered: Answered, _ follower: Follower) -> [ScoreCalls.Resume] {
        follower.applied(answered.batch, answered.outcome)
        // Of changes that nobody waits for, too: Redis shows what the store refused.
        for case .refused(let refusal) in answered.outcome.outcomes { BoardMetrics.refused(refusal) }
        return state.withLock { state in
            state.untold = []
            return state.calls.settle(answered.settled, answered.outcome.changes)
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
    private func drain(_ follower: Follower) async {
        let deadline = ContinuousClock.now + Self.ending
        while ContinuousClock.now < deadline {
            state.withLock { $0.sendsBehind = true }
            guard let batch = state.withLock({ $0.batcher.underWay }) ?? next() else { break }
            let result = await Self.execute(batch, durable.store)
            let ending = await settle(batch, result, until: deadline) { batch in
                await Self.execute(batch, durable.store)
            }
            switch ending {
            case .answered(let answered):
                for (continuation, reply) in note(answered, follower) { continuation.resume(returning: reply) }
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
