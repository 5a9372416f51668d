public import HoldfastStorage

/// A channel that every subscribed server hears.
///
/// Durable announcements are kept by the store and follow each other through Redis in one order; fast ones live in
/// Redis alone and have an order of their own. Either is kept until it expires, or until 1,000 later ones of its kind
/// have been published. Whoever subscribes late can have what is still valid; whoever missed something is told so.
///
/// ```swift
/// let news = try memory.announcements("news", of: String.self)
/// try await news.publish("Double coins until noon", expiresAfter: .seconds(3_600))
/// for await event in try await news.subscribe(from: .earliestValid) {
///     if case .message(let announcement) = event { show(announcement.value) }
/// }
/// ```
public struct Announcements<Message: Codable & Sendable>: Sendable {
    /// How long an announcement is valid where nothing else is said: an hour.
    public static var defaultLife: Duration { .seconds(3_600) }

    let channel: AnnouncementChannel

    /// The channel's name.
    public var name: String { channel.name }

    // MARK: Publishing

    /// Publishes to all subscribers; durable, acknowledged by the store.
    ///
    /// Redis is told at once, which is waited for a second at most. Where it is away, subscribers get the announcement
    /// when it is back. A lost answer of the store is settled by repeating the request under the same id.
    ///
    /// - Parameters:
    ///   - message: At most 32 KiB as JSON.
    ///   - life: How long it is valid: 1 ms to 45 days.
    ///   - id: Names this announcement; a second one under the same id, while the first is kept, is the first.
    /// - Throws: ``MemoryStoreError``: `badInput`; `needsStore`; `unavailable` and `deadline` with nothing published;
    ///   `outcomeUnknown`, after which the same call under the same id is right.
    @discardableResult
    public func publish(
        _ message: Message, expiresAfter life: Duration = defaultLife, id: RandomID = .random()
    ) async throws(MemoryStoreError) -> AnnouncementReceipt {
        let durable = try channel.logs.context.requireDurable()
        let entry = AppendRequest.Entry(
            id: id, value: try ValueCoding.encode(message),
            timeToLiveMillis: try MessageLimits.millis(life, of: "an announcement"))
        let append = AnnouncementAppend(
            log: channel.logs.storeLog, entry: entry, durable: durable, capacity: channel.logs.capacity)
        let sequence = try await append.run()
        await channel.bringToRedis()
        return AnnouncementReceipt(flavor: .durable, sequence: sequence, id: id)
    }

    /// Publishes to all subscribers; fast, acknowledged by Redis.
    ///
    /// Subscribers that have not read it when Redis loses its data are told of a gap. A lost reply is settled by
    /// repeating the request, which is recognised among the last 100 announcements.
    ///
    /// - Parameters:
    ///   - message: At most 32 KiB as JSON.
    ///   - life: How long it is valid: 1 ms to 45 days.
    /// - Throws: ``MemoryStoreError``: `badInput`; `unavailable` and `deadline` with nothing published;
    ///   `outcomeUnknown`.
    @discardableResult
    public func publishFast(
        _ message: Message, expiresAfter life: Duration = defaultLife
    ) async throws(MemoryStoreError) -> AnnouncementReceipt {
        let value = try ValueCoding.encode(message)
        let lifeMillis = try MessageLimits.millis(life, of: "an announcement")
        let id = RandomID.random()
        let sequence = try await RepeatedRequest.run(
            within: channel.logs.context.timeout
        ) { limit, repeats throws(MemoryStoreError) in
            try await channel.logs.publish(value, id: id, lifeMillis: lifeMillis, repeats: repeats, within: limit)
        }
        return AnnouncementReceipt(flavor: .fast, sequence: sequence, id: id)
    }

    // MARK: Subscribing

    /// Subscribes; everything that is published after the call returned is heard.
    ///
    /// All subscriptions of a channel in one process share one reader, which ``MemoryStore/run()`` keeps. It is woken
    /// by hints and looks by itself every one to two seconds. A reader that has to catch up, because it begins in the
    /// past or is slow, reads the log itself.
    ///
    /// - Parameter start: Where to begin; now unless told otherwise.
    /// - Throws: ``MemoryStoreError``: `unavailable` and `deadline` where Redis or the store cannot be reached,
    ///   `closed` after the memory store has ended.
    public func subscribe(
        from start: AnnouncementStart = .now
    ) async throws(MemoryStoreError) -> AnnouncementSubscription<Message> {
        AnnouncementSubscription(channel, from: try await channel.attach(start))
    }
}

extension MemoryStore {
    /// Opens the channel `name`; nothing is sent.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput` for a name outside 1 to 128 characters.
    public func announcements<Message>(
        _ name: String, of type: Message.Type
    ) throws(MemoryStoreError) -> Announcements<Message> {
        try MessageLimits.check(name: name, "a channel")
        return Announcements(channel: try announcementHub.channel(name))
    }
}
