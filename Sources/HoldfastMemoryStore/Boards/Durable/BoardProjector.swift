import HoldfastStorage
import Logging
import Synchronization

/// Keeps the seasons in Redis up to what the store has; see ``ProjectionLane`` for how.
///
/// Each season has a lane of its own, worked on by one task at a time while there is something to do. Another process
/// may do the same at any moment: Redis' cursor lets each change in once.
final class BoardProjector: Sendable {
    /// What somebody waits for.
    enum Wish {
        /// Redis has this change of the store.
        case change(Int64)
        /// The season is in Redis.
        case loaded
        /// The season was made anew.
        case rebuilt
    }

    struct Waiter {
        let wish: Wish
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Bool, Never>
    }

    struct Lane {
        let index: BoardIndex
        var state = ProjectionLane()
        var isRunning = false
        /// Whether the season is made anew beside what goes on.
        var isRebuilding = false
        /// Failures in a row.
        var failures = 0
        /// When the oldest change that Redis lacks was committed.
        var behindSince: ContinuousClock.Instant?
        var usedAt: ContinuousClock.Instant
    }

    struct State {
        var lanes: [SpaceName: Lane] = [:]
        var waiters: [SpaceName: [UInt64: Waiter]] = [:]
        /// Waiters that were cancelled before they waited.
        var cancelled: Set<UInt64> = []
        var isEnded = false
    }

    /// Work for ``run()``.
    enum Job: Sendable {
        /// Bring a season up to date until there is nothing to do.
        case work(SpaceName)
        /// Make a season anew.
        case rebuild(SpaceName)
    }

    let context: MemoryStore.Context
    let store: any DurableStore
    /// Adds to rows what the store does not have yet.
    let withBehind: @Sendable ([ScoreRow], SpaceName) -> [ScoreRow]
    let state = Mutex(State())
    private let lastWaiter = Atomic<UInt64>(0)
    let jobs: AsyncStream<Job>
    let start: AsyncStream<Job>.Continuation

    init(
        _ context: MemoryStore.Context, store: any DurableStore,
        withBehind: @escaping @Sendable ([ScoreRow], SpaceName) -> [ScoreRow]
    ) {
        self.context = context
        self.store = store
        self.withBehind = withBehind
        (jobs, start) = AsyncStream.makeStream(of: Job.self)
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
            if let lane = state.lanes[table], !lane.isRunning, !lane.isRebuilding { state.lanes[table] = nil }
        }
    }

    /// Whether this process looks after a season.
    func knows(_ table: SpaceName) -> Bool { state.withLock { $0.lanes[table] != nil } }

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
        if starts { start.yield(.work(table)) }
    }

    // MARK: - Waiting

    /// Waits until Redis has a change, at most so long; false when it did not get it in time.
    ///
    /// Does not wait where Redis failed the last time.
    func wait(for change: Int64, of table: SpaceName, within limit: Duration) async -> Bool {
        await wait(table, deadline: .now + limit, .change(change))
    }

    /// Brings back a season that Redis lost.
    ///
    /// - Throws: ``MemoryStoreError`` with code `rebuilding` when that takes longer.
    func load(_ table: SpaceName, _ index: BoardIndex, within limit: Duration) async throws(MemoryStoreError) {
        change(table, index) { $0.state.lost() }
        guard await wait(table, deadline: .now + limit, .loaded) else { throw Self.rebuilding(index) }
    }

    /// Makes a season anew, although Redis has it, or joins who does.
    ///
    /// - Throws: ``MemoryStoreError`` with code `rebuilding` when that takes longer; it goes on.
    func rebuild(_ table: SpaceName, _ index: BoardIndex, within limit: Duration) async throws(MemoryStoreError) {
        var starts = false
        change(table, index) { lane in
            starts = !lane.isRebuilding
            lane.isRebuilding = true
        }
        if starts { start.yield(.rebuild(table)) }
        guard await wait(table, deadline: .now + limit, .rebuilt) else { throw Self.rebuilding(index) }
    }

    private static func rebuilding(_ index: BoardIndex) -> MemoryStoreError {
        MemoryStoreError(
            .rebuilding, "board \(index.address.board.debugDescription) is being loaded from the store")
    }

    private func wait(_ table: SpaceName, deadline: ContinuousClock.Instant, _ wish: Wish) async -> Bool {
        let id = lastWaiter.wrappingAdd(1, ordering: .relaxed).newValue
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(id) != nil || state.isEnded { return false }
                    let waiter = Waiter(wish: wish, deadline: deadline, continuation: continuation)
                    if let answer = Self.answer(to: waiter, state.lanes[table], now: .now) { return answer }
                    state.waiters[table, default: [:]][id] = waiter
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters[table]?.removeValue(forKey: id)
                if waiter == nil { state.cancelled.insert(id) }
                return waiter
            }
            waiter?.continuation.resume(returning: false)
        }
        // Left there by a task that was cancelled after its answer.
        if Task.isCancelled { state.withLock { _ = $0.cancelled.remove(id) } }
        return answer
    }

    private static func answer(to waiter: Waiter, _ lane: Lane?, now: ContinuousClock.Instant) -> Bool? {
        if waiter.deadline <= now { return false }
        switch waiter.wish {
        case .loaded: return lane?.state.isLoading ?? false ? nil : true
        case .rebuilt: return lane?.isRebuilding ?? false ? nil : true
        case .change(let change):
            guard let lane else { return false }
            if let cursor = lane.state.cursor, cursor >= change, !lane.state.isLoading { return true }
            return lane.failures > 0 ? false : nil
        }
    }

    /// Answers those whose wish is fulfilled, or whose time is over: of one season, or of all.
    func answerWaiters(of table: SpaceName? = nil) {
        let answered = state.withLock { state in
            let now = ContinuousClock.now
            var answered: [(Waiter, Bool)] = []
            for table in table.map({ [$0] }) ?? Array(state.waiters.keys) {
                guard var waiters = state.waiters.removeValue(forKey: table) else { continue }
                let lane = state.lanes[table]
                for (id, waiter) in waiters {
                    let answer = state.isEnded ? false : Self.answer(to: waiter, lane, now: now)
                    guard let answer else { continue }
                    answered.append((waiter, answer))
                    waiters[id] = nil
                }
                if !waiters.isEmpty { state.waiters[table] = waiters }
            }
            return answered
        }
        for (waiter, answer) in answered { waiter.continuation.resume(returning: answer) }
    }
}
