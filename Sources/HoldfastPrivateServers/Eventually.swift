/// Polls `condition` until it holds.
///
/// - Throws: ``PrivateServerError`` naming `what` when it does not hold within `limit`, and whatever the condition
///   throws.
public func eventually(
    _ what: String, within limit: Duration = .seconds(60), isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw PrivateServerError("not within \(limit): \(what)") }
        try await Task.sleep(for: .milliseconds(2))
    }
}
