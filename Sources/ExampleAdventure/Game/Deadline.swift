/// A wait that did not end in time.
struct DeadlinePassed: Error, CustomStringConvertible {
    let description: String
}

/// Looks every few milliseconds until a condition holds: for what Holdfast brings about behind the caller's back.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw DeadlinePassed(description: "not in time: \(what)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Cancels work that takes too long.
func withDeadline<Value: Sendable>(
    _ what: String, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: work)
        group.addTask {
            try await Task.sleep(for: .seconds(30))
            throw DeadlinePassed(description: "not in time: \(what)")
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
