import Synchronization

/// Lets requests pass within a ``RequestBudget``, and holds up the others until their deadline.
final class RequestGate: Sendable {
    fileprivate typealias Waiter = CheckedContinuation<Result<Void, StoreError>, Never>

    fileprivate struct State {
        var line: BudgetLine
        var waiters: [UInt64: Waiter] = [:]
        /// Cancelled before they waited.
        var cancelled: Set<UInt64> = []
        var lastID: UInt64 = 0
        var isEnded = false
    }

    /// How often those who wait are looked at.
    private static let interval = Duration.milliseconds(10)

    private let budget: RequestBudget
    private let state: Mutex<State>

    init(_ budget: RequestBudget) {
        self.budget = budget
        state = Mutex(State(line: BudgetLine(budget, now: .now)))
    }

    /// How many requests wait.
    var count: Int { state.withLock { $0.line.count } }

    /// Returns when a request may go.
    ///
    /// - Throws: ``StoreError``: `deadline` when its turn did not come in time, `unavailable` when too many wait.
    func pass(
        _ record: RecordID?, isUrgent: Bool, until deadline: ContinuousClock.Instant
    ) async throws(StoreError) {
        let began = ContinuousClock.now
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let early = state.withLock { state in
                    state.arrive(id, waiter, record, isUrgent: isUrgent, deadline: deadline, now: began)
                }
                if let early { waiter.resume(returning: early) }
            }
        } onCancel: {
            cancel(id)
        }
        // No cancellation comes after the handler's scope.
        _ = state.withLock { $0.cancelled.remove(id) }
        let waited = began.duration(to: .now)
        if !isUrgent { StorageMetrics.budgetWait.record(duration: waited) }
        try result.get()
    }

    /// Lets all requests of a record pass until ``stopHurrying(_:)``, those that wait included.
    func hurry(_ record: RecordID) {
        let waiters = state.withLock { state in
            state.line.hurry(record, now: .now).compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in waiters { waiter.resume(returning: .success(())) }
    }

    /// Ends one ``hurry(_:)``.
    func stopHurrying(_ record: RecordID) {
        state.withLock { $0.line.stopHurrying(record) }
    }

    /// Lets pass whom the budget allows until the task is cancelled; then lets everybody pass.
    func run() async {
        while (try? await Task.sleep(for: Self.interval)) != nil { advance(now: .now) }
        let waiters = state.withLock { state in
            state.isEnded = true
            return state.line.removeAll().compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in waiters { waiter.resume(returning: .success(())) }
    }

    private func advance(now: ContinuousClock.Instant) {
        let (go, late) = state.withLock { state in
            let (go, late) = state.line.advance(now: now)
            StorageMetrics.budgetWaiting.record(state.line.count)
            return (
                go.compactMap { state.waiters.removeValue(forKey: $0) },
                late.compactMap { state.waiters.removeValue(forKey: $0) }
            )
        }
        for waiter in go { waiter.resume(returning: .success(())) }
        guard !late.isEmpty else { return }
        StorageMetrics.budgetRefused.increment(by: late.count)
        let error = StoreError(
            .deadline, "the budget of \(budget.perSecond) requests a second left no room before the deadline")
        for waiter in late { waiter.resume(returning: .failure(error)) }
    }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { state in
            guard let waiter = state.waiters.removeValue(forKey: id) else {
                state.cancelled.insert(id)
                return Waiter?.none
            }
            state.line.remove(id)
            return waiter
        }
        waiter?.resume(returning: .failure(State.cancellation))
    }
}

extension RequestGate.State {
    fileprivate static var cancellation: StoreError {
        StoreError(.deadline, "the caller was cancelled before its request was sent")
    }

    /// Answers at once, or keeps the waiter.
    fileprivate mutating func arrive(
        _ id: UInt64, _ waiter: RequestGate.Waiter, _ record: RecordID?, isUrgent: Bool,
        deadline: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) -> Result<Void, StoreError>? {
        guard !isEnded else { return .success(()) }
        guard !cancelled.contains(id) || isUrgent else { return .failure(Self.cancellation) }
        switch line.arrive(id, of: record, isUrgent: isUrgent, deadline: deadline, now: now) {
        case .goes: return .success(())
        case .refused:
            StorageMetrics.budgetRefused.increment()
            return .failure(
                StoreError(.unavailable, "\(BudgetLine.maximumCount) requests wait for the store's budget"))
        case .waits:
            waiters[id] = waiter
            return nil
        }
    }
}
