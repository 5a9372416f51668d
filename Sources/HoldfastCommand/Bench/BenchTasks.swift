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

/// Calls `body` from `tasks` tasks for `seconds`, each with a generator of its own, and returns calls a second.
///
/// No two runs draw the same, so that none repeats what another has written.
func callsPerSecond(
    tasks: Int, seconds: Double, on executor: (any TaskExecutor)? = nil,
    _ body: @escaping @Sendable (inout SeededGenerator) async throws -> Void
) async throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let end = start.advanced(by: .seconds(seconds))
    let calls = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<tasks {
            group.addTask(executorPreference: executor) {
                var generator = SeededGenerator(seed: .random(in: 0 ... .max))
                var calls = 0
                while clock.now < end {
                    try await body(&generator)
                    calls += 1
                }
                return calls
            }
        }
        return try await group.reduce(0, +)
    }
    return Double(calls) / ((clock.now - start) / .seconds(1))
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
