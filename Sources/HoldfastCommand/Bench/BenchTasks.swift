import ServiceLifecycle

/// Runs `service` beside `body` and ends it afterwards.
///
/// - Throws: What `body` throws, or what `service` throws if it ends first.
func withRunning<Result: Sendable>(
    _ service: any Service, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            try await service.run()
            return nil
        }
        group.addTask { try await body() }
        defer { group.cancelAll() }
        guard let result = try await group.next() ?? nil else {
            throw BenchError("the service under measurement ended early")
        }
        group.cancelAll()
        // The service's own end by cancellation is no failure.
        while (try? await group.next()) != nil {}
        return result
    }
}

/// Calls `body` with 0 ..< `count` from `tasks` tasks; results in order.
func concurrently<Result: Sendable>(
    _ count: Int, tasks: Int, _ body: @escaping @Sendable (Int) async throws -> Result
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: [(Int, Result)].self) { group in
        for task in 0..<tasks {
            group.addTask {
                var results: [(Int, Result)] = []
                for number in stride(from: task, to: count, by: tasks) {
                    results.append((number, try await body(number)))
                }
                return results
            }
        }
        return try await group.reduce(into: []) { $0 += $1 }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
