import HoldfastRedis
public import HoldfastStorage
import Logging

/// Notifications of players: kept by the store, and there whether or not the player is.
///
/// Redis only hints at them to whoever watches a player at the moment.
///
/// ```swift
/// let mail = memory.notifications(of: Mail.self)
/// try await mail.notify("42", Mail(text: "You were outbid"), id: RandomID(hashing: "auction:7:outbid:42"))
/// for await note in try mail.watch("42") { show(note) }
/// ```
public struct Notifications<Note: Codable & Sendable>: Sendable {
    /// How long a notification is kept where nothing else is said: 30 days.
    public static var defaultLife: Duration { .seconds(30 * 86_400) }
    /// The most notifications of one player.
    public static var maximumCount: Int { NotificationBox.capacity }

    let context: MemoryStore.Context

    // MARK: Sending

    /// Sends a notification to a player, wherever the player is; durable, acknowledged by the store.
    ///
    /// A second one under the same id is the first, as long as that is kept; a deleted one is remembered for a day at
    /// least, unless the player's last 1,000 marks are younger. A lost answer of the store is settled by repeating the
    /// request.
    ///
    /// - Parameters:
    ///   - player: 1 to 128 characters.
    ///   - note: At most 32 KiB as JSON.
    ///   - life: How long it is kept: 1 ms to 45 days.
    ///   - id: Names this notification; by default drawn at random.
    /// - Throws: ``MemoryStoreError``: `badInput`; `needsStore`; `full` when the player has 200 of them; `unavailable`
    ///   and `deadline` with nothing sent; `outcomeUnknown`, after which the same call under the same id is right.
    public func notify(
        _ player: String, _ note: Note, expiresAfter life: Duration = defaultLife, id: RandomID? = nil
    ) async throws(MemoryStoreError) {
        let box = try box(player)
        let entry = AppendRequest.Entry(
            id: id ?? .random(), value: try ValueCoding.encode(note),
            timeToLiveMillis: try MessageLimits.millis(life, of: "a notification"))
        let isAdded = try await RepeatedRequest.run(within: box.durable.timeout) {
            limit, repeats throws(MemoryStoreError) in
            try await Self.asking { () throws(StoreError) in
                try await box.add(entry, mayBeKnown: id != nil || repeats, within: limit)
            }
        }
        guard isAdded else {
            throw MemoryStoreError(.full, "a player has at most \(NotificationBox.capacity) notifications")
        }
        do {
            _ = try await context.redis.command(
                ["PUBLISH", .string(hints(player)), "new"], timeout: min(.seconds(1), context.timeout))
        } catch {
            context.logger.debug("a notification was not hinted at", metadata: ["holdfast.error": "\(error)"])
        }
    }

    // MARK: Reading

    /// Lists a player's notifications in the order in which they were sent; from the store.
    ///
    /// - Parameters:
    ///   - player: 1 to 128 characters.
    ///   - cursor: Begins behind it; nil, or one of a list that was dropped, begins with the oldest.
    ///   - limit: The most of them, 1 to 200.
    /// - Throws: ``MemoryStoreError``: `badInput`, `needsStore`, `unavailable`, `deadline`.
    public func list(
        _ player: String, after cursor: NotificationCursor? = nil, limit: Int = 200
    ) async throws(MemoryStoreError) -> [Notification<Note>] {
        guard (1...NotificationBox.capacity).contains(limit) else {
            throw MemoryStoreError(.badInput, "1 to \(NotificationBox.capacity) notifications are listed at a time")
        }
        let content = try await content(of: player)
        guard let generation = content.generation else { return [] }
        let first = cursor.flatMap { $0.generation == generation ? $0.sequence : nil } ?? 0
        return content.notes.filter { $0.sequence > first }.prefix(limit).map { entry in
            let note: Result<Note, MemoryStoreError>
            do throws(MemoryStoreError) {
                note = .success(try ValueCoding.decode(Note.self, from: entry.value))
            } catch {
                note = .failure(error)
            }
            return Notification(
                id: entry.id, cursor: NotificationCursor(generation: generation, sequence: entry.sequence),
                sentAtMillis: entry.createdAtMillis, expiresAtMillis: entry.expiresAtMillis,
                isRead: content.read.contains(entry.id), note: note)
        }
    }

    /// Counts a player's notifications; from the store.
    ///
    /// - Throws: ``MemoryStoreError``: `badInput`, `needsStore`, `unavailable`, `deadline`.
    public func count(_ player: String) async throws(MemoryStoreError) -> NotificationCount {
        let content = try await content(of: player)
        return NotificationCount(
            all: content.notes.count, unread: content.notes.count { !content.read.contains($0.id) })
    }

    /// Lists a player's notifications and then waits for more.
    ///
    /// A hint tells of new ones at once; where hints are lost, the store is asked about every half minute. Outages do
    /// not end it; only the reading task's cancellation does.
    ///
    /// - Throws: ``MemoryStoreError``: `badInput`, `needsStore`.
    public func watch(
        _ player: String, after cursor: NotificationCursor? = nil
    ) throws(MemoryStoreError) -> NotificationWatch<Note> {
        _ = try box(player)
        return NotificationWatch(notifications: self, player: player, start: cursor)
    }

    // MARK: Changing

    /// Marks notifications as read; durable, acknowledged by the store.
    ///
    /// Those that are not there any more are passed over.
    ///
    /// - Parameters:
    ///   - player: 1 to 128 characters.
    ///   - ids: 1 to 100.
    /// - Throws: ``MemoryStoreError``: `badInput`, `needsStore`, `unavailable`, `deadline`, `outcomeUnknown`; the same
    ///   call may be repeated.
    public func markRead(_ player: String, _ ids: [RandomID]) async throws(MemoryStoreError) {
        try await mark(player, ids, as: .read)
    }

    /// Deletes notifications; durable, acknowledged by the store.
    ///
    /// Those that are not there any more are passed over.
    ///
    /// - Parameters:
    ///   - player: 1 to 128 characters.
    ///   - ids: 1 to 100.
    /// - Throws: ``MemoryStoreError``: `badInput`, `needsStore`, `unavailable`, `deadline`, `outcomeUnknown`; the same
    ///   call may be repeated.
    public func delete(_ player: String, _ ids: [RandomID]) async throws(MemoryStoreError) {
        try await mark(player, ids, as: .deleted)
    }

    /// Removes everything about a player; durable, acknowledged by the store.
    ///
    /// Safe to repeat.
    ///
    /// - Throws: ``MemoryStoreError``: `badInput`, `needsStore`, `unavailable`, `deadline`, `outcomeUnknown`.
    public func deleteAll(_ player: String) async throws(MemoryStoreError) {
        let box = try box(player)
        try await Self.asking { () throws(StoreError) in try await box.drop() }
    }

    private func mark(
        _ player: String, _ ids: [RandomID], as mark: NotificationBox.Mark
    ) async throws(MemoryStoreError) {
        let box = try box(player)
        guard (1...AppendRequest.maximumEntries).contains(ids.count) else {
            throw MemoryStoreError(
                .badInput, "1 to \(AppendRequest.maximumEntries) notifications are changed at a time")
        }
        try await RepeatedRequest.run(within: box.durable.timeout) { limit, _ throws(MemoryStoreError) in
            try await Self.asking { () throws(StoreError) in
                try await box.mark(ids, as: mark, now: context.wallClock(), within: limit)
            }
        }
    }

    private func content(of player: String) async throws(MemoryStoreError) -> NotificationBox.Content {
        let box = try box(player)
        return try await Self.asking { () throws(StoreError) in try await box.content() }
    }

    private static func asking<Answer>(
        _ store: () async throws(StoreError) -> Answer
    ) async throws(MemoryStoreError) -> Answer {
        do {
            return try await store()
        } catch {
            throw MemoryStoreError(error)
        }
    }

    private func box(_ player: String) throws(MemoryStoreError) -> NotificationBox {
        try MessageLimits.check(name: player, "a player")
        return try NotificationBox(context.requireDurable(), player: player)
    }

    func hints(_ player: String) -> String { context.keys.keys("notify", player).hints }
}

extension MemoryStore {
    /// Opens the notifications of all players; nothing is sent.
    public func notifications<Note>(of type: Note.Type) -> Notifications<Note> {
        Notifications(context: context)
    }
}
