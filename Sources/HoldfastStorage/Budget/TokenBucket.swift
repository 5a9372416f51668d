/// Counts what a ``RequestBudget`` has left.
///
/// Pure: time comes in.
package struct TokenBucket: Sendable {
    private let budget: RequestBudget
    private var tokens: Double
    private var filledAt: ContinuousClock.Instant

    /// A full bucket.
    package init(_ budget: RequestBudget, now: ContinuousClock.Instant) {
        self.budget = budget
        tokens = Double(budget.burst)
        filledAt = now
    }

    /// Takes what one request costs; false when it is not there yet.
    package mutating func take(now: ContinuousClock.Instant) -> Bool {
        fill(now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// Takes it at once, from what is to come if need be, as far as one burst ahead.
    package mutating func takeAnyway(now: ContinuousClock.Instant) {
        fill(now)
        tokens = max(tokens - 1, -Double(budget.burst))
    }

    private mutating func fill(_ now: ContinuousClock.Instant) {
        guard now > filledAt else { return }
        tokens = min(tokens + (now - filledAt) / .seconds(1) * budget.perSecond, Double(budget.burst))
        filledAt = now
    }
}
