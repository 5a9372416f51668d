import HoldfastMemoryStore
import HoldfastStorage

/// What boards have of a store that was put back.
enum RestoredBoards {
    /// Takes every durable board's ranks out of Redis, to be made anew from the store, and the scores of erased people
    /// out of both; safe to repeat.
    ///
    /// Readers would find out about ranks by themselves, from the new generations, but only when they ask.
    ///
    /// - Returns: How many seasons, and how many scores.
    static func settle(
        _ backends: Backends, _ invocation: Invocation, erasing names: [Key] = []
    ) async throws -> (seasons: Int, scores: Int) {
        let memory = MemoryStore(
            redis: backends.redis, deployment: invocation.settings.deployment, store: backends.store,
            timeout: backends.redis.configuration.commandTimeout, logger: invocation.connectionLogger)
        let seasons = try await memory.dropRanks()
        guard !names.isEmpty else { return (seasons, 0) }
        let scores = try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                try await memory.run()
                return nil
            }
            group.addTask { try await memory.erase(names, removing: true).scores }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let count = finished { return count }
            }
            return 0
        }
        return (seasons, scores)
    }
}
