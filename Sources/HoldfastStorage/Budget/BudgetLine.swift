/// Decides which request may go to the store when a ``RequestBudget`` is short.
///
/// Pure: time comes in, decisions go out. Requests without a record share one turn.
struct BudgetLine: Sendable {
    /// What becomes of a request that arrives.
    enum Verdict: Equatable {
        case goes, waits, refused
    }

    private struct Waiter: Sendable {
        let id: UInt64
        let deadline: ContinuousClock.Instant
    }

    /// The most requests that may wait.
    static let maximumCount = 10_000

    private var bucket: TokenBucket
    private var waiting = FairQueue<RecordID?, Waiter>()
    /// Records whose requests go at once, with the number of those who want it so.
    private var hurried: [RecordID: Int] = [:]

    init(_ budget: RequestBudget, now: ContinuousClock.Instant) {
        bucket = TokenBucket(budget, now: now)
    }

    /// How many requests wait.
    var count: Int { waiting.count }

    /// A request arrives; what is urgent goes at once.
    mutating func arrive(
        _ id: UInt64, of record: RecordID?, isUrgent: Bool, deadline: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) -> Verdict {
        if isUrgent || record.map({ hurried[$0] != nil }) ?? false {
            bucket.takeAnyway(now: now)
            return .goes
        }
        if waiting.count == 0, bucket.take(now: now) { return .goes }
        guard waiting.count < Self.maximumCount else { return .refused }
        waiting.append(Waiter(id: id, deadline: deadline), to: record, isUrgent: false)
        return .waits
    }

    /// Those whose turn it is, and those whose deadline has passed.
    mutating func advance(now: ContinuousClock.Instant) -> (go: [UInt64], late: [UInt64]) {
        guard waiting.count > 0 else { return ([], []) }
        let late = waiting.remove { $0.deadline <= now }.map(\.id)
        var go: [UInt64] = []
        while waiting.count > 0, bucket.take(now: now), let (record, waiter) = waiting.popFirst() {
            waiting.resume(record)
            go.append(waiter.id)
        }
        return (go, late)
    }

    /// Lets all requests of a record go at once from here on, those that wait included, which are returned.
    mutating func hurry(_ record: RecordID, now: ContinuousClock.Instant) -> [UInt64] {
        hurried[record, default: 0] += 1
        let waiters = waiting.removeAll(of: record)
        for _ in waiters { bucket.takeAnyway(now: now) }
        return waiters.map(\.id)
    }

    /// Ends one ``hurry(_:now:)``.
    mutating func stopHurrying(_ record: RecordID) {
        guard let count = hurried[record] else { return }
        hurried[record] = count > 1 ? count - 1 : nil
    }

    /// A waiter has left.
    mutating func remove(_ id: UInt64) {
        _ = waiting.remove { $0.id == id }
    }

    /// Takes out everybody.
    mutating func removeAll() -> [UInt64] {
        waiting.removeAll().map(\.id)
    }
}
