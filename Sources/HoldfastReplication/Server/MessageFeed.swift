/// The messages of a ``Publisher`` for one client.
///
/// Ends when the publisher is finished or the task is cancelled; throws ``ReplicationError`` with code `tooLarge` when
/// a snapshot is needed and does not fit a message.
public struct MessageFeed: AsyncSequence, Sendable {
    /// One message, ready to be sent.
    public typealias Element = [UInt8]

    let publisher: Publisher
    let position: ReplicaPosition?

    /// Begins the sequence; each iterator is a client of its own.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(publisher: publisher, position: position)
    }

    /// Where one client is.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let publisher: Publisher
        var position: ReplicaPosition?

        /// Waits for the next message.
        public mutating func next() async throws(ReplicationError) -> [UInt8]? {
            while !Task.isCancelled {
                switch try publisher.step(after: position) {
                case .message(let next, let message):
                    position = next
                    return message
                case .wait: await publisher.wait(after: position)
                case .finished: return nil
                }
            }
            return nil
        }
    }
}
