import HoldfastStorage
import Synchronization

/// Work on profiles that a server has taken on and does in the background; in memory only.
///
/// Filled by ``ProfileCollection/enqueue(_:priority:timeout:_:)``. In order for each profile, on
/// ``CoordinatorConfiguration/workAtOnce`` profiles at once, which take turns. A drain of the server refuses what has
/// not begun as `shuttingDown`: where that matters, ``drain(timeout:)`` comes before.
public final class WorkQueue: Sendable {
    /// The most pieces of work that may wait.
    public static let maximumCount = 10_000

    /// One piece of work.
    struct Item: Sendable {
        let ticket: Ticket<Bool>
        let deadline: ContinuousClock.Instant
        let run: @Sendable () async -> Void
    }

    private struct State {
        var queue = FairQueue<RecordID, Item>()
        /// What has begun; never awaited, since a game's code may hang.
        var running: [RecordID: (item: Item, task: Task<Void, Never>)] = [:]
        var isStopped = false
        /// Whether what still runs was left to itself: no tick ends a wait any more.
        var isAbandoned = false
        /// Those who wait until nothing is left.
        var drains: [Ticket<Bool>] = []

        mutating func takeDrains() -> [Ticket<Bool>] {
            guard queue.isIdle else { return [] }
            defer { drains = [] }
            return drains
        }
    }

    private let state = Mutex(State())
    private let atOnce: Int
    private let waits: WaitList

    init(atOnce: Int, waits: WaitList) {
        self.atOnce = atOnce
        self.waits = waits
    }

    /// How many pieces of work wait to begin.
    public var count: Int { state.withLock { $0.queue.count } }

    /// Drops what has not begun, and returns how many pieces; whoever waits for one gets `cancelled`.
    ///
    /// Nothing is done or saved by this; what has begun goes on. To have all of it done use ``drain(timeout:)``.
    @discardableResult
    public func discard(_ which: DiscardedWork) -> Int {
        remove(because: ProfileError(.cancelled, "the work was discarded")) {
            $0.removeAll(keepingUrgent: which == .allButEmergencies)
        }
    }

    /// Waits until all work is done, that which comes meanwhile included; each piece is durable then, or has failed.
    ///
    /// - Throws: ``ProfileError``: `deadline`, `cancelled`; the work goes on. `outcomeUnknown` when the coordinator has
    ///   stopped meanwhile.
    public func drain(timeout: Duration) async throws(ProfileError) {
        let ticket = Ticket<Bool>()
        let (isIdle, isAbandoned) = state.withLock { state in
            if !state.queue.isIdle, !state.isAbandoned { state.drains.append(ticket) }
            return (state.queue.isIdle, state.isAbandoned)
        }
        guard !isIdle else { return }
        guard !isAbandoned else { throw Self.abandoned }
        defer { state.withLock { $0.drains.removeAll { $0 === ticket } } }
        _ = try await waits.value(of: ticket, until: .now + timeout) {
            ProfileError(.deadline, "there was still work at the deadline")
        }
    }

    func add(_ item: Item, to record: RecordID, priority: WorkPriority) throws(ProfileError) {
        let refusal: ProfileError? = state.withLock { state in
            guard !state.isStopped else { return Self.stopped }
            guard state.queue.count < Self.maximumCount else {
                return ProfileError(.busy, "\(Self.maximumCount) pieces of work wait", record: record)
            }
            state.queue.append(item, to: record, isUrgent: priority == .emergency)
            return nil
        }
        if let refusal { throw refusal }
        start()
    }

    /// Ends what has not begun by its deadline.
    func expire(now: ContinuousClock.Instant) {
        guard state.withLock({ $0.queue.count > 0 }) else { return }
        remove(because: ProfileError(.deadline, "the work did not begin in time")) {
            $0.remove { $0.deadline <= now }
        }
    }

    /// Takes nothing any more and refuses what has not begun.
    func stop() {
        state.withLock { $0.isStopped = true }
        remove(because: Self.stopped) { $0.removeAll() }
    }

    /// Stops, and leaves to itself what still runs.
    func abandon() {
        stop()
        let (running, drains) = state.withLock { state in
            state.isAbandoned = true
            defer { state.drains = [] }
            return (Array(state.running.values), state.drains)
        }
        let reason = Self.abandoned
        for (item, task) in running {
            item.ticket.resolve(.failure(reason))
            task.cancel()
        }
        for drain in drains { drain.resolve(.failure(reason)) }
    }

    private static var abandoned: ProfileError {
        ProfileError(.outcomeUnknown, "the coordinator has stopped while the work was done")
    }

    private static var stopped: ProfileError { ProfileError(.shuttingDown, "this server does no further work") }

    @discardableResult
    private func remove(
        because reason: ProfileError, _ take: (inout FairQueue<RecordID, Item>) -> [Item]
    ) -> Int {
        let (items, drains) = state.withLock { state in (take(&state.queue), state.takeDrains()) }
        for item in items { item.ticket.resolve(.failure(reason)) }
        for drain in drains { drain.resolve(.success(true)) }
        return items.count
    }

    /// Starts what may start.
    private func start() {
        state.withLock { state in
            while state.queue.servedCount < atOnce, let (record, item) = state.queue.popFirst() {
                // It ends by taking this lock, so never before it is in the list.
                let task = Task.detached {
                    await item.run()
                    self.ended(record)
                }
                state.running[record] = (item, task)
            }
        }
    }

    private func ended(_ record: RecordID) {
        let drains = state.withLock { state in
            state.running[record] = nil
            state.queue.resume(record)
            return state.takeDrains()
        }
        for drain in drains { drain.resolve(.success(true)) }
        start()
    }
}
