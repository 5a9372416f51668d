import HoldfastStorage
import Logging
import Synchronization

/// Keeps the seasons in Redis up to what the store has; see ``ProjectionLane`` for how.
///
/// Each season has a lane of its own, worked on by one task at a time while there is something to do. Another process
/// may do the same at any moment: Redis' cursor lets each change in once.
final class BoardProjector: Sendable {
    private struct Waiter {
        let lane: SpaceName
        /// Nil waits for the end of a load.
        let change: Int64?
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct Lane {
        let index: BoardIndex
        var state = ProjectionLane()
        var isRunning = false
        /// Whether the load makes the season anew although Redis has it.
        var isForced = false
        /// Failures in a row.
        var failures = 0
        /// When the oldest change that Redis lacks was committed.
        var behindSince: ContinuousClock.Instant?
        var usedAt: ContinuousClock.Instant
    }

    private struct State {
        var lanes: [SpaceName: Lane] = [:]
        var waiters: [UInt64: Waiter] = [:]
        var cancelled: Set<UInt64> = []
        var lastWaiter: UInt64 = 0
        var isEnded = false
    }

    private let context: MemoryStore.Context
    private let store: any DurableStore
    /// Adds to rows what the store does not have yet.
    private let withBehind: @Sendable ([ScoreRow], SpaceName) -> [ScoreRow]
    private let state = Mutex(State())
    private let runs: AsyncStream<SpaceName>
    private let start: AsyncStream<SpaceName>.Continuation

    /// How many rows of a table are read at once.
    private static let page = 1_000
    /// Lanes that rest and were not used for so long are forgotten.
    private static let memory = Duration.seconds(3_600)

    init(
        _ context: MemoryStore.Context, store: any DurableStore,
        withBehind: @escaping @Sendable ([ScoreRow], SpaceName) -> [ScoreRow]
    ) {
        self.context = context
        self.store = store
        self.withBehind = withBehind
        (runs, start) = AsyncStream.makeStream(of: SpaceName.self)
    }

    // MARK: - News

    /// Changes of this process are in the store.
    ///
    /// - Parameter rows: All their rows; nil where they are not at hand.
    func committed(_ changes: ClosedRange<Int64>, rows: [ScoreRow]?, table: SpaceName, index: BoardIndex) {
        change(table, index) { lane in
            lane.behindSince = lane.behindSince ?? .now
            lane.state.committed(changes, rows: rows)
        }
    }

    /// The store may have changes of a season that nobody told of.
    func suspect(_ table: SpaceName, _ index: BoardIndex) {
        change(table, index) { $0.state.suspect() }
    }

    /// The same of all seasons that this process has used lately.
    func suspectAll() {
        let lanes = state.withLock { $0.lanes.map { ($0.key, $0.value.index) } }
        for (table, index) in lanes { suspect(table, index) }
    }

    /// Forgets a season that is gone.
    func forget(_ table: SpaceName) {
        state.withLock { state in
            if state.lanes[table]?.isRunning == false { state.lanes[table] = nil }
        }
    }

    private func change(_ table: SpaceName, _ index: BoardIndex, _ body: (inout Lane) -> Void) {
        let starts = state.withLock { state in
            var lane = state.lanes[table] ?? Lane(index: index, usedAt: .now)
            lane.usedAt = .now
            body(&lane)
            let starts = !lane.isRunning && lane.state.hasWork && !state.isEnded
            if starts { lane.isRunning = true }
            state.lanes[table] = lane
            return starts
        }
        if starts { start.yield(table) }
    }

    // MARK: - Waiting

    /// Waits until Redis has a change, at most so long; false when it did not get it in time.
    ///
    /// Does not wait where Redis failed the last time.
    func wait(for change: Int64, of table: SpaceName, within limit: Duration) async -> Bool {
        await wait(table, deadline: .now + limit, change: change)
    }

    /// Brings back a season that Redis lost, or makes it anew.
    ///
    /// - Parameter isForced: Makes it anew although Redis has it.
    /// - Throws: ``MemoryStoreError`` with code `rebuilding` when that takes longer.
    func load(
        _ table: SpaceName, _ index: BoardIndex, isForced: Bool, within limit: Duration
    ) async throws(MemoryStoreError) {
        change(table, index) { lane in
            lane.isForced = lane.isForced || isForced
            lane.state.lost()
        }
        guard await wait(table, deadline: .now + limit, change: nil) else {
            throw MemoryStoreError(
                .rebuilding, "board \(index.address.board.debugDescription) is being loaded from the store; try again")
        }
    }

    private func wait(_ table: SpaceName, deadline: ContinuousClock.Instant, change: Int64?) async -> Bool {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(id) != nil || state.isEnded { return false }
                    let waiter = Waiter(lane: table, change: change, deadline: deadline, continuation: continuation)
                    if let answer = Self.answer(to: waiter, state, now: .now) { return answer }
                    state.waiters[id] = waiter
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: id)
                if waiter == nil { state.cancelled.insert(id) }
                return waiter
            }
            waiter?.continuation.resume(returning: false)
        }
    }

    private static func answer(to waiter: Waiter, _ state: State, now: ContinuousClock.Instant) -> Bool? {
        if waiter.deadline <= now { return false }
        guard let lane = state.lanes[waiter.lane] else { return waiter.change == nil }
        guard let change = waiter.change else { return lane.state.isLoading ? nil : true }
        if let cursor = lane.state.cursor, cursor >= change, !lane.state.isLoading { return true }
        return lane.failures > 0 ? false : nil
    }

    private func answerWaiters() {
        let answered = state.withLock { state in
            let now = ContinuousClock.now
            var answered: [(Waiter, Bool)] = []
            for (id, waiter) in state.waiters {
                guard let answer = state.isEnded ? false : Self.answer(to: waiter, state, now: now) else { continue }
                answered.append((waiter, answer))
                state.waiters[id] = nil
            }
            return answered
        }
        for (waiter, answer) in answered { waiter.continuation.resume(returning: answer) }
    }

    // MARK: - Running

    /// Works on lanes until the task is cancelled.
    func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.watch() }
                for await table in runs {
                    group.addTask { await self.work(on: table) }
                }
            }
        } onCancel: {
            state.withLock { $0.isEnded = true }
            start.finish()
            answerWaiters()
        }
    }

    /// Answers waiters whose time is over, and tells how far Redis is behind.
    private func watch() async {
        var ticks = 0
        while (try? await Task.sleep(for: .milliseconds(20))) != nil {
            answerWaiters()
            ticks += 1
            if ticks.isMultiple(of: 50) { tidy() }
        }
    }

    private func tidy() {
        let now = ContinuousClock.now
        let (lag, age) = state.withLock { state in
            let resting = state.lanes.filter { !$0.value.isRunning && now - $0.value.usedAt > Self.memory }
            for table in resting.keys { state.lanes[table] = nil }
            let since = state.lanes.values.compactMap(\.behindSince).min()
            return (state.lanes.values.reduce(0) { $0 + $1.state.lag }, since.map { now - $0 })
        }
        BoardMetrics.lag.record(lag)
        BoardMetrics.lagAge.record((age ?? .zero) / .seconds(1))
    }

    private func work(on table: SpaceName) async {
        while !Task.isCancelled {
            let step: (ProjectionLane.Step, Lane)? = state.withLock { state in
                guard var lane = state.lanes[table] else { return nil }
                let step = lane.state.next()
                if step == .rest {
                    lane.isRunning = false
                    lane.behindSince = nil
                }
                state.lanes[table] = lane
                return (step, lane)
            }
            guard let (step, lane) = step, step != .rest else { return answerWaiters() }
            do throws(MemoryStoreError) {
                try await perform(step, table, lane)
                update(table) { $0.failures = 0 }
            } catch {
                await failed(table, lane, error)
            }
            answerWaiters()
        }
        update(table) { $0.isRunning = false }
    }

    private func failed(_ table: SpaceName, _ lane: Lane, _ error: MemoryStoreError) async {
        let failures = state.withLock { state in
            state.lanes[table]?.failures += 1
            // Whatever was sent may have arrived.
            state.lanes[table]?.state.suspect()
            return state.lanes[table]?.failures ?? 1
        }
        BoardMetrics.projectionFailures.increment()
        if failures == 1 {
            context.logger.warning(
                "a board waits for Redis",
                metadata: ["holdfast.board": "\(lane.index.address.board)", "holdfast.error": "\(error)"])
        }
        answerWaiters()
        let pause = Duration.milliseconds(50) * (1 << min(failures, 7)) * Double.random(in: 0.5...1)
        try? await Task.sleep(for: pause)
    }

    private func update(_ table: SpaceName, _ body: (inout Lane) -> Void) {
        state.withLock { state in
            if state.lanes[table] != nil { body(&state.lanes[table]!) }
        }
    }

    // MARK: - Steps

    private func perform(
        _ step: ProjectionLane.Step, _ table: SpaceName, _ lane: Lane
    ) async throws(MemoryStoreError) {
        switch step {
        case .rest: return
        case .wait(let times):
            try? await Task.sleep(for: .milliseconds(1 << times) * Double.random(in: 0.5...1))
        case .inspect:
            let cursor = try await lane.index.cursor()
            update(table) { $0.state.inspected(cursor) }
        case .apply(let rows, let from, let through):
            try await apply(rows, from: from, through: through, table, lane)
        case .read(let after):
            try await read(after: after, table, lane)
        case .load:
            guard let cursor = try await BoardLoader(context, store, table, lane.index).load(isForced: lane.isForced)
            else {
                // Somebody else does it.
                try? await Task.sleep(for: .milliseconds(Int.random(in: 10...30)))
                return
            }
            update(table) { state in
                // Asked for meanwhile: this load may have found the season in place.
                guard state.isForced == lane.isForced else { return }
                state.isForced = false
                state.state.loaded(through: cursor)
            }
        }
    }

    private func read(after: Int64, _ table: SpaceName, _ lane: Lane) async throws(MemoryStoreError) {
        let page: ScorePage?
        do throws(StoreError) {
            page = try await store.scores(of: table, changedAfter: after, limit: Self.page)
        } catch {
            throw MemoryStoreError(error)
        }
        let last = page?.lastChange ?? 0
        guard last >= after else {
            // Redis is ahead of the store, which went back or whose table is another one: Redis follows.
            context.logger.warning(
                "a board in Redis is ahead of the store", metadata: ["holdfast.board": "\(lane.index.address.board)"])
            return update(table) { lane in
                lane.isForced = true
                lane.state.lost()
            }
        }
        let rows = page?.rows ?? []
        let through = rows.count < Self.page ? last : rows[rows.count - 1].change
        if through > after {
            guard try await apply(rows, from: after, through: through, table, lane) else { return }
        }
        update(table) { $0.state.read(through: through, last: last) }
    }

    /// Applies rows; false where Redis did not take them.
    @discardableResult
    private func apply(
        _ rows: [ScoreRow], from: Int64, through: Int64, _ table: SpaceName, _ lane: Lane
    ) async throws(MemoryStoreError) -> Bool {
        let shown = withBehind(rows, table).map(\.shown)
        switch try await lane.index.apply(shown, from: from, through: through) {
        case .applied(let cursor):
            update(table) { $0.state.applied(through: cursor) }
            return true
        case .gap(let cursor):
            update(table) { $0.state.gap(at: cursor) }
            return false
        case .absent:
            update(table) { $0.state.lost() }
            return false
        }
    }
}

extension ScoreRow {
    /// As a board shows it: who has joined and has no score has no rank.
    var shown: ScoreRow {
        guard submissions == 0 else { return self }
        var row = self
        row.isRemoved = true
        return row
    }
}
