/// Makes a failing history short: leaves out steps, then puts simpler ones in their place, as long as it still fails.
struct HistoryShrinker<Operation: Sendable> {
    /// Runs a history on something fresh; what went wrong, or nil.
    let run: ([Operation]) async -> (any Error)?
    let simpler: (Operation) -> [Operation]
    /// How many more histories may be run.
    var budget = 2_000

    private(set) var history: [Operation]
    private(set) var reason: any Error

    init(
        history: [Operation], reason: any Error, simpler: @escaping (Operation) -> [Operation],
        run: @escaping ([Operation]) async -> (any Error)?
    ) {
        self.history = history
        self.reason = reason
        self.simpler = simpler
        self.run = run
    }

    /// Shrinks until nothing more can go, or until the budget is spent.
    mutating func shrink() async {
        var hasShrunk = true
        while hasShrunk, budget > 0 {
            hasShrunk = await leaveOut()
            if await simplify() { hasShrunk = true }
        }
    }

    /// Leaves out halves, then quarters, and so on down to single steps.
    private mutating func leaveOut() async -> Bool {
        let before = history.count
        var size = max(history.count / 2, 1)
        while true {
            var start = 0
            while start < history.count, history.count > 1 {
                var candidate = history
                candidate.removeSubrange(start..<min(start + size, history.count))
                // Where it still fails, what follows has moved here.
                if await !accept(candidate) { start += size }
            }
            if size == 1 { return history.count < before }
            size /= 2
        }
    }

    private mutating func simplify() async -> Bool {
        var hasChanged = false
        for index in history.indices {
            for step in simpler(history[index]) {
                var candidate = history
                candidate[index] = step
                if await accept(candidate) {
                    hasChanged = true
                    break
                }
            }
        }
        return hasChanged
    }

    private mutating func accept(_ candidate: [Operation]) async -> Bool {
        guard budget > 0, !candidate.isEmpty else { return false }
        budget -= 1
        guard let error = await run(candidate) else { return false }
        history = candidate
        reason = error
        return true
    }
}
