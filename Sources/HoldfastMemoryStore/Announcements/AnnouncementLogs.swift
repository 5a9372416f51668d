import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

/// The two logs of one channel in Redis, and the store's log that one of them follows.
struct AnnouncementLogs: Sendable {
    private static let pageEntries = 100
    private static let defaultCapacity = 1_000
    /// What one call brings to Redis, roughly.
    private static let pushBytes = 262_144

    let context: MemoryStore.Context
    let keys: KeySpace.Keys
    let storeLog: SpaceName
    /// The most entries that either log keeps.
    let capacity: Int
    /// How often at most the whole fleet compares the copy with the store, besides at every publication.
    let gateMillis: Int64

    init(
        _ context: MemoryStore.Context, channel: String, capacity: Int = defaultCapacity, gateMillis: Int64 = 1_000
    ) throws(MemoryStoreError) {
        self.context = context
        self.capacity = capacity
        self.gateMillis = gateMillis
        keys = context.keys.keys("announce", channel)
        do {
            storeLog = try SpaceName("announce:\(channel)")
        } catch {
            throw MemoryStoreError(error)
        }
    }

    // MARK: Redis

    /// Reads what follows a position, at most `count` entries; nil begins with the oldest valid one.
    func read(
        _ flavor: AnnouncementFlavor, after position: AnnouncementPosition?, count: Int = pageEntries
    ) async throws(MemoryStoreError) -> AnnouncementReply {
        let value = try await context.evaluate(
            .Announcement.read, keys: names(flavor) + [keys["\(flavor):gate"]],
            [
                .bytes(position?.generation.bytes ?? []), .integer(position?.sequence ?? 0),
                .bytes(position?.entry?.bytes ?? []), .integer(Int64(count)),
                .bytes(flavor == .fast ? RandomID.random().bytes : []), .integer(gateMillis),
            ])
        return try AnnouncementReply(value)
    }

    /// Adds to the fast log; `repeats` says that an earlier request may have done so.
    func publish(
        _ value: [UInt8], id: RandomID, lifeMillis: Int64, repeats: Bool, within limit: Duration
    ) async throws(MemoryStoreError) -> Int64 {
        let script = Script.Announcement.publish
        let reply = try ScriptReply(
            script,
            try await context.evaluate(
                script, keys: names(.fast),
                [
                    .bytes(id.bytes), .integer(lifeMillis), .bytes(value), .bytes(RandomID.random().bytes),
                    .string(keys.hints), repeats ? 1 : 0, .integer(Int64(capacity)),
                ], within: limit))
        guard reply.code == "PUBLISHED" else { throw reply.unknownCode }
        return try reply.number(2)
    }

    private func names(_ flavor: AnnouncementFlavor) -> [[UInt8]] {
        [keys["\(flavor):state"], keys["\(flavor):log"]]
    }

    // MARK: From the store to Redis

    /// Copies what Redis lacks, strictly in order, until it agrees with the store.
    ///
    /// Any number of processes may do so at once: a step counts only where the copy stands where its caller believed.
    ///
    /// - Parameter believed: Where the copy stands as far as the caller knows; nil for no copy.
    /// - Returns: The end of the store's log, with which Redis agrees; nil when there is no such log.
    func copy(
        from believed: AnnouncementPosition?, within limit: Duration
    ) async throws(MemoryStoreError) -> AnnouncementFollower.StoreEnd? {
        let store = try context.requireDurable().store
        let deadline = ContinuousClock.now + limit
        var believed = believed
        while .now < deadline, !Task.isCancelled {
            guard let page = try await page(of: store, after: believed?.sequence ?? 0) else { return nil }
            let step = try await step(from: believed, page, store)
            let end = AnnouncementFollower.StoreEnd(generation: step.generation, last: step.through)
            if step.isNothing(after: believed) { return end }
            switch try await push(step, over: believed, within: deadline - .now) {
            case .pushed where step.isLast: return end
            case .pushed:
                believed = AnnouncementPosition(generation: end.generation, sequence: end.last, entry: nil)
            case .moved(let actual): believed = actual
            }
        }
        throw MemoryStoreError(.deadline, "the announcements of a channel were not copied to Redis in time")
    }

    /// What one call brings to Redis.
    private struct Step {
        var generation: RandomID
        /// Whether the copy begins anew, without what stands up to this number.
        var anewAfter: Int64?
        var entries: [AnnouncementEntry]
        var through: Int64
        /// Whether the copy agrees with the store then.
        var isLast: Bool

        func isNothing(after believed: AnnouncementPosition?) -> Bool {
            anewAfter == nil && entries.isEmpty && believed?.sequence == through
        }
    }

    private enum PushOutcome {
        case pushed
        case moved(AnnouncementPosition?)
    }

    private func step(
        from believed: AnnouncementPosition?, _ page: LogPage, _ store: any DurableStore
    ) async throws(MemoryStoreError) -> Step {
        let oldest = max(0, page.lastSequence - Int64(capacity))
        var page = page
        var anewAfter: Int64?
        // No copy, one of another log, one that is ahead of the store or one too far behind.
        if believed?.generation != page.generation || page.lastSequence < believed?.sequence ?? 0
            || believed?.sequence ?? 0 < oldest
        {
            anewAfter = oldest
            guard let again = try await self.page(of: store, after: oldest) else {
                throw MemoryStoreError(.conflict, "the log of a channel was dropped while it was read")
            }
            page = again
        }
        var entries: [AnnouncementEntry] = []
        var bytes = 0
        for entry in page.entries {
            bytes += entry.value.count
            if !entries.isEmpty, bytes > Self.pushBytes { break }
            entries.append(AnnouncementEntry(entry))
        }
        let isLast = entries.count == page.entries.count && page.entries.count < Self.pageEntries
        return Step(
            generation: page.generation, anewAfter: anewAfter, entries: entries,
            through: isLast ? page.lastSequence : entries.last?.sequence ?? page.lastSequence, isLast: isLast)
    }

    private func push(
        _ step: Step, over believed: AnnouncementPosition?, within limit: Duration
    ) async throws(MemoryStoreError) -> PushOutcome {
        let script = Script.Announcement.push
        let reply = try ScriptReply(
            script,
            try await context.evaluate(
                script, keys: names(.durable),
                [
                    .bytes(believed?.generation.bytes ?? []), .integer(believed?.sequence ?? 0),
                    .bytes(step.generation.bytes), .integer(step.through), step.anewAfter == nil ? 0 : 1,
                    .integer(step.anewAfter ?? 0), .string(keys.hints), .integer(Int64(capacity)),
                ] + step.entries.map { .bytes($0.redisBytes) }, within: limit))
        switch reply.code {
        case "PUSHED": return .pushed
        case "MOVED":
            let generation = RandomID(bytes: try reply.bytes(1))
            let last = try reply.number(2)
            return .moved(generation.map { AnnouncementPosition(generation: $0, sequence: last, entry: nil) })
        default: throw reply.unknownCode
        }
    }

    private func page(of store: any DurableStore, after sequence: Int64) async throws(MemoryStoreError) -> LogPage? {
        do {
            return try await store.entries(of: storeLog, after: sequence, limit: Self.pageEntries)
        } catch {
            throw MemoryStoreError(error)
        }
    }
}
