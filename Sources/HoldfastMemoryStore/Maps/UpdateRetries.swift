/// Counts the attempts of an update and spreads those of several servers out.
struct UpdateRetries {
    private let maximumAttempts: Int
    private var attempts = 0

    init(maximumAttempts: Int) throws(MemoryStoreError) {
        guard (1...1_000).contains(maximumAttempts) else {
            throw MemoryStoreError(.badInput, "an update makes 1 to 1,000 attempts, not \(maximumAttempts)")
        }
        self.maximumAttempts = maximumAttempts
    }

    /// Waits a moment before the next attempt, none after the first.
    ///
    /// - Throws: ``MemoryStoreError``: `conflict` after the last attempt, `deadline` when the task was cancelled.
    nonisolated(nonsending) mutating func wait() async throws(MemoryStoreError) {
        attempts += 1
        MapMetrics.conflicts.increment()
        guard attempts < maximumAttempts else {
            throw MemoryStoreError(.conflict, "others changed the item first, \(attempts) times in a row")
        }
        guard attempts > 1 else { return }
        let longest = 100 << min(attempts, 7)
        do {
            try await Task.sleep(for: .microseconds(Int.random(in: 0...longest)))
        } catch {
            throw MemoryStoreError(.deadline, "the task was cancelled between two attempts; nothing was changed")
        }
    }
}
