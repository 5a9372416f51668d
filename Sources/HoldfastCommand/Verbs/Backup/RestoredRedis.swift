import HoldfastMemoryStore

/// What Redis has of a store that was put back.
enum RestoredRedis {
    /// Takes every durable board's ranks out of Redis, to be made anew from the store; safe to repeat.
    ///
    /// Readers would find out by themselves, from the new generations, but only when they ask.
    static func dropRanks(_ backends: Backends, _ invocation: Invocation) async throws -> Int {
        let memory = MemoryStore(
            redis: backends.redis, deployment: invocation.settings.deployment, store: backends.store,
            timeout: backends.redis.configuration.commandTimeout, logger: invocation.connectionLogger)
        return try await memory.dropRanks()
    }
}
