import HoldfastMemoryStore

extension Backends {
    /// Connects both sides, with both deployment ids compared, and runs a memory store over them for the time of
    /// `body`.
    static func withMemory<Result: Sendable>(
        _ invocation: Invocation, _ body: @escaping @Sendable (MemoryStore) async throws -> Result
    ) async throws -> Result {
        try await withMemory(invocation) { memory, _ in try await body(memory) }
    }

    /// The same with both sides themselves.
    static func withMemory<Result: Sendable>(
        _ invocation: Invocation, _ body: @escaping @Sendable (MemoryStore, Backends) async throws -> Result
    ) async throws -> Result {
        try await with(invocation) { backends, _ in
            let memory = MemoryStore(
                redis: backends.redis, deployment: invocation.settings.deployment, store: backends.store,
                timeout: backends.redis.configuration.commandTimeout, logger: invocation.connectionLogger,
                boardWaits: BoardWaits(patience: invocation.settings.timeout / 2))
            return try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask {
                    try await memory.run()
                    return nil
                }
                group.addTask { try await body(memory, backends) }
                defer { group.cancelAll() }
                while let finished = try await group.next() {
                    if let result = finished { return result }
                }
                throw CommandError(.internalError, "the verb ended without a result")
            }
        }
    }
}
