/// The messages of one Pub/Sub channel, for one reader.
///
/// Messages are hints: each may be lost, at every reconnect and whenever the reader is slow. Markers between them
/// say so, and the reader then looks at the data itself. The subscription ends when it is cancelled, when
/// nobody holds it any more, when the reading task is cancelled, or when the client stops.
public final class RedisSubscription: AsyncSequence, Sendable {
    /// What a reader gets.
    public enum Event: Sendable, Equatable {
        /// A published message.
        case message([UInt8])
        /// The subscription is in place, for the first time or again: what was published before was not seen.
        case reconnected
        /// The reader was too slow and the oldest events were dropped.
        case overflow
    }

    /// Events kept for a slow reader.
    static let maximumBuffered = 256

    /// The channel.
    public let channel: String
    private let buffer: SubscriptionBuffer
    private let onEnd: @Sendable (SubscriptionBuffer) -> Void

    init(channel: String, buffer: SubscriptionBuffer, onEnd: @escaping @Sendable (SubscriptionBuffer) -> Void) {
        self.channel = channel
        self.buffer = buffer
        self.onEnd = onEnd
    }

    deinit {
        cancel()
    }

    /// Ends the subscription: the reader gets what is buffered, then nil.
    public func cancel() {
        buffer.finish()
        onEnd(buffer)
    }

    /// Makes the reader.
    ///
    /// Use one only: events go to whoever asks first.
    public func makeAsyncIterator() -> Iterator {
        Iterator(subscription: self)
    }

    /// Reads the events in order.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let subscription: RedisSubscription

        /// Waits for the next event; nil when the subscription or the task has ended.
        public mutating func next() async -> Event? {
            await subscription.buffer.next()
        }

        /// Waits for the next event; nil when the subscription or the task has ended.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Never) -> Event? {
            await subscription.buffer.next()
        }
    }
}
