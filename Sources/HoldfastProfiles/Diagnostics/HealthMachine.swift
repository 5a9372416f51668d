import HoldfastStorage

/// Counts failures against a ``HealthPolicy``; time is passed in.
struct HealthMachine {
    /// What a failure, or the passing of time, has changed.
    enum Change: Equatable {
        case becameCritical, recovered
    }

    private struct Failure {
        let side: FinishedCall.Side
        let at: ContinuousClock.Instant
    }

    let policy: HealthPolicy
    private var isCritical = false
    private var last: (side: FinishedCall.Side, code: String, at: ContinuousClock.Instant)?
    /// Those that count, oldest first: no more than the policy asks for.
    private var counted: [Failure] = []

    init(policy: HealthPolicy) {
        self.policy = policy
    }

    /// A call failed.
    mutating func failed(_ side: FinishedCall.Side, code: String, now: ContinuousClock.Instant) -> Change? {
        last = (side, code, now)
        forget(now)
        if let previous = counted.last(where: { $0.side == side }), previous.at.duration(to: now) < policy.burst {
            return nil
        }
        counted.append(Failure(side: side, at: now))
        if counted.count > policy.failures { counted.removeFirst() }
        guard !isCritical, counted.count == policy.failures else { return nil }
        isCritical = true
        return .becameCritical
    }

    /// Time has passed.
    mutating func passed(now: ContinuousClock.Instant) -> Change? {
        forget(now)
        guard isCritical, let last, last.at.duration(to: now) >= policy.recovery else { return nil }
        isCritical = false
        // What is over does not count towards the next time.
        counted = []
        return .recovered
    }

    var health: Health {
        var health = Health()
        health.isCritical = isCritical
        health.redisFailures = counted.count { $0.side == .redis }
        health.storeFailures = counted.count { $0.side == .store }
        health.lastFailure = last.map { "\($0.side.rawValue) \($0.code)" }
        return health
    }

    private mutating func forget(_ now: ContinuousClock.Instant) {
        let window = policy.window
        counted.removeAll { $0.at.duration(to: now) >= window }
    }
}
