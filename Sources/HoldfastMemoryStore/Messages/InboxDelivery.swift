public import HoldfastStorage

/// One message as its server gets it.
public struct InboxDelivery<Message: Codable & Sendable>: Sendable {
    private let queue: InboxQueue
    private let item: InboxQueue.Item

    init(queue: InboxQueue, item: InboxQueue.Item) {
        self.queue = queue
        self.item = item
    }

    /// The id that it was sent under, the same at every delivery.
    public var id: RandomID { item.id }
    /// How often it has been delivered, this time included.
    public var deliveries: Int { Int(item.deliveries) }
    /// Milliseconds since 1970, UTC, by Redis' clock.
    public var sentAtMillis: Int64 { item.sentAtMillis }
    /// Milliseconds since 1970, UTC, by Redis' clock.
    public var expiresAtMillis: Int64 { item.expiresAtMillis }

    /// What was sent.
    ///
    /// - Throws: ``MemoryStoreError`` with code `corrupt` when it is no `Message`, such as one of a newer build.
    public var message: Message {
        get throws(MemoryStoreError) { try ValueCoding.decode(Message.self, from: item.value) }
    }

    /// Says that it was handled; fast, acknowledged by Redis.
    ///
    /// It is not delivered again. Where Redis cannot be told now, it is told when it delivers the message again, and
    /// this process does not see it twice.
    ///
    /// - Throws: ``MemoryStoreError``: `unavailable`, `deadline`, `outcomeUnknown`; nothing needs to be done then.
    public func acknowledge() async throws(MemoryStoreError) {
        try await queue.acknowledge([item.id])
    }
}

/// The messages of an inbox as they come.
///
/// Ends when the reading task is cancelled. Outages of Redis do not end it.
public struct InboxDeliveries<Message: Codable & Sendable>: AsyncSequence, Sendable {
    /// What a reader gets.
    public typealias Element = InboxDelivery<Message>
    /// It never throws.
    public typealias Failure = Never

    let queue: InboxQueue
    let hidden: Duration
    let batch: Int

    /// Makes a reader.
    public func makeAsyncIterator() -> Iterator {
        Iterator(self)
    }

    /// Takes the messages in order.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        private let source: InboxDeliveries
        private let reader: InboxReader

        fileprivate init(_ source: InboxDeliveries) {
            self.source = source
            reader = InboxReader(queue: source.queue, hidden: source.hidden, batch: source.batch)
        }

        /// Waits for the next message; nil when the task was cancelled.
        public mutating func next() async -> InboxDelivery<Message>? {
            guard let item = await reader.next() else { return nil }
            return InboxDelivery(queue: source.queue, item: item)
        }

        /// The same.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(Never) -> InboxDelivery<Message>? {
            await next()
        }
    }
}
