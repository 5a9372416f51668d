/// Settles lost replies of a request that Redis or the store recognises when it comes again.
enum RepeatedRequest {
    private static let pause: Duration = .milliseconds(20)

    /// Sends a request until it is answered, at most for `limit`.
    ///
    /// - Parameter request: Gets the time that is left, and whether an earlier attempt may have taken effect.
    /// - Throws: What the request throws; `outcomeUnknown` when an attempt may have taken effect and no later one
    ///   could tell.
    static func run<Reply: Sendable>(
        within limit: Duration,
        _ request: (_ left: Duration, _ repeats: Bool) async throws(MemoryStoreError) -> Reply
    ) async throws(MemoryStoreError) -> Reply {
        let deadline = ContinuousClock.now + limit
        var unanswered: MemoryStoreError?
        while true {
            do throws(MemoryStoreError) {
                return try await request(deadline - .now, unanswered != nil)
            } catch {
                let first = unanswered ?? error
                guard error.code == .outcomeUnknown || unanswered != nil && error.isRetriable, .now < deadline,
                    !Task.isCancelled
                else { throw first }
                unanswered = first
                try? await Task.sleep(for: pause)
            }
        }
    }
}
