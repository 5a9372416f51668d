import HoldfastRedis
public import HoldfastStorage

/// A message that was sent, to wait for its acknowledgement with.
public struct SentMessage: Sendable {
    let queue: InboxQueue
    /// The id that it was sent under.
    public let id: RandomID

    /// The server that it was sent to.
    public var server: String { queue.server }

    /// Waits until the server has acknowledged it; fast.
    ///
    /// Woken by a hint, and asking Redis by itself within a second. An acknowledgement is known for ten minutes.
    ///
    /// - Throws: ``MemoryStoreError``: `deadline` when it was not acknowledged in time, which it may be later;
    ///   `notFound` when it has expired or Redis lost it, so that it is not delivered any more.
    public func acknowledgement(within limit: Duration) async throws(MemoryStoreError) {
        let deadline = ContinuousClock.now + limit
        let hints = queue.context.redis.subscribe(queue.acknowledgements)
        var failure: MemoryStoreError?
        while true {
            let left = deadline - .now
            guard left > .zero, !Task.isCancelled else { break }
            do throws(MemoryStoreError) {
                switch try await queue.inspect(id, within: left) {
                case .acknowledged: return
                case .gone:
                    throw MemoryStoreError(.notFound, "the message to \(server) has expired or was lost by Redis")
                case .waiting: failure = nil
                }
            } catch {
                guard error.isRetriable else { throw error }
                failure = error
            }
            let look = ContinuousClock.now + .milliseconds(Int64.random(in: 500...1_000))
            // Hints of other messages come along here, too.
            while .now < min(look, deadline), !Task.isCancelled {
                let event = await hints.wait(atMost: min(look, deadline) - .now)
                if event == .message(id.bytes) || event == .overflow || event == .reconnected { break }
            }
        }
        throw MemoryStoreError(
            .deadline, "\(server) did not acknowledge a message in time", underlying: failure)
    }
}
