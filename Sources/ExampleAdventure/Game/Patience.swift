import Holdfast

/// Tries again what may pass, with the pauses of its class of error.
func patiently<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
    let deadline = ContinuousClock.now + .seconds(30)
    var failures = 0
    while true {
        do {
            return try await work()
        } catch let error as ProfileError {
            guard error.isRetriable, ContinuousClock.now < deadline else { throw error }
            failures += 1
            try await Task.sleep(for: error.code.retryPauses.pause(after: failures, chance: .random(in: 0...1)))
        }
    }
}
