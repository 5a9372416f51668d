public import HoldfastStorage

/// Messages for one server, from any other; fast: Redis alone has them.
///
/// A message is delivered until the server acknowledges it or it expires, so more than once where an acknowledgement
/// does not come in time; its handler must bear that. Messages are delivered in the order in which they were sent,
/// but for those that come again. When Redis loses its data, messages that were not acknowledged are lost with it: a
/// sender that waits for the acknowledgement learns that at once.
///
/// ```swift
/// let sent = try await memory.inbox(for: "lobby-2", of: Command.self).send(.openGates, expiresAfter: .seconds(30))
/// try await sent.acknowledgement(within: .seconds(5))
///
/// for await delivery in memory.inbox(for: "lobby-2", of: Command.self).deliveries() {
///     carryOut(try delivery.message)
///     try await delivery.acknowledge()
/// }
/// ```
public struct Inbox<Message: Codable & Sendable>: Sendable {
    let queue: InboxQueue

    /// The server's id.
    public var server: String { queue.server }

    /// Puts a message into the inbox; fast, acknowledged by Redis.
    ///
    /// A lost reply is settled by repeating the request, which is recognised by its id.
    ///
    /// - Parameters:
    ///   - message: At most 32 KiB as JSON.
    ///   - life: How long it is worth delivering: 1 ms to 45 days.
    ///   - id: Names this message; a second one under the same id, within ten minutes of its acknowledgement, is the
    ///     first.
    /// - Returns: What to wait for its acknowledgement with.
    /// - Throws: ``MemoryStoreError``: `badInput`; `full` when 1,000 messages wait, those counted that expired behind
    ///   one that has not; `unavailable` and `deadline` with nothing sent; `outcomeUnknown`, after which the same call
    ///   under the same id is right.
    @discardableResult
    public func send(
        _ message: Message, expiresAfter life: Duration = .seconds(60), id: RandomID = .random()
    ) async throws(MemoryStoreError) -> SentMessage {
        let value = try ValueCoding.encode(message)
        let lifeMillis = try MessageLimits.millis(life, of: "a message")
        try await RepeatedRequest.run(within: queue.context.timeout) { limit, _ throws(MemoryStoreError) in
            try await queue.send(value, id: id, lifeMillis: lifeMillis, within: limit)
        }
        return SentMessage(queue: queue, id: id)
    }

    /// Takes messages as they come; fast.
    ///
    /// Redis is asked when a hint comes, and every one to two seconds. A server has one reader as a rule; of several,
    /// each gets a part.
    ///
    /// - Parameters:
    ///   - hidden: How long a message that is not acknowledged stays away before it is delivered again: longer than
    ///     its handling takes; 1 ms to 45 days.
    ///   - batch: The most messages that are taken at a time, 1 to 100.
    /// - Throws: ``MemoryStoreError`` with code `badInput`.
    public func deliveries(
        redeliverAfter hidden: Duration = .seconds(10), batch: Int = 16
    ) throws(MemoryStoreError) -> InboxDeliveries<Message> {
        _ = try MessageLimits.millis(hidden, of: "an invisible message")
        guard (1...100).contains(batch) else {
            throw MemoryStoreError(.badInput, "1 to 100 messages are taken at a time, not \(batch)")
        }
        return InboxDeliveries(queue: queue, hidden: hidden, batch: batch)
    }
}

extension MemoryStore {
    /// Opens the inbox of a server; nothing is sent.
    ///
    /// It is none of the inboxes by which servers coordinate, and may have any name.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput` for an id outside 1 to 128 characters.
    public func inbox<Message>(
        for server: String, of type: Message.Type
    ) throws(MemoryStoreError) -> Inbox<Message> {
        try MessageLimits.check(name: server, "a server")
        return Inbox(queue: inboxes.value(server) { InboxQueue(server: server, context: context) })
    }
}
