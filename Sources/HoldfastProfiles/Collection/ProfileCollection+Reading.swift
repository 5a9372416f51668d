import HoldfastCoordination
public import HoldfastStorage

extension ProfileCollection {
    private typealias Reads = ReadCache<Key, Snapshot<Document>?>

    /// Reads a profile as it was last saved, at most `maximumAge` ago, without a lock; nil when it was not there then.
    ///
    /// From this server's memory where something was read that was current since then: readers that come at once share
    /// one read, and up to 4,096 profiles are kept. Else from the hot copy in Redis, which the last session of any
    /// server has left with its release; its age is counted by the clock of Redis, from the last time that the session
    /// heard of the store. Else from the store. Saves of the meantime may be missing, those of this server as well; for
    /// what must be current use ``read(_:)``, for a profile that is open here its session.
    ///
    /// - Parameter maximumAge: Zero or less reads the store, as ``read(_:)``.
    /// - Throws: ``ProfileError``: `unavailable`, `corrupt`, `newerSchema`, `cancelled`, `notReady` after the end.
    public func read(_ key: Key, maximumAge: Duration) async throws(ProfileError) -> Snapshot<Document>? {
        let began = ContinuousClock.now
        let oldest = began - min(max(maximumAge, .zero), Self.largestAge)
        let id = RecordID(collection: name, key: key)
        while true {
            let ticket: Ticket<Reads.Found>
            switch reads.withLock({ $0.step(key, oldest: oldest, now: .now) }) {
            case .cached(let snapshot):
                host.metrics.readsFromMemory.increment()
                return snapshot
            case .join(let running): ticket = running
            case .start(let new):
                ticket = new
                if !host.jobs.submit({ await self.read(id, since: oldest, for: new) }) {
                    reads.withLock { $0.ended(key, new, nil) }
                    new.resolve(.failure(ProfileError(.notReady, "the coordinator has stopped", record: id)))
                }
            }
            let found = try await host.waits.value(of: ticket, until: began + host.configuration.saveTimeout) {
                ProfileError(.unavailable, "the store has not answered in time", record: id)
            }
            if found.asOf >= oldest { return found.value }
            // Whoever began that read was content with an older copy.
        }
    }

    /// Longer than anything lives in Redis.
    private static var largestAge: Duration { .seconds(400 * 86_400) }

    private func read(_ id: RecordID, since oldest: ContinuousClock.Instant, for ticket: Ticket<Reads.Found>) async {
        do throws(ProfileError) {
            let found: Reads.Found
            if let copy = await hotCopy(of: id, since: oldest) {
                found = copy
            } else {
                let asOf = ContinuousClock.now
                found = Reads.Found(value: try await read(id.key), asOf: asOf)
            }
            reads.withLock { $0.ended(id.key, ticket, found) }
            ticket.resolve(.success(found))
        } catch {
            reads.withLock { $0.ended(id.key, ticket, nil) }
            ticket.resolve(.failure(error))
        }
    }

    /// What Redis shows of a profile; nil leaves it to the store.
    private func hotCopy(of id: RecordID, since oldest: ContinuousClock.Instant) async -> Reads.Found? {
        // While Redis leaves beats unanswered, nobody waits for it to leave this unanswered, too.
        guard let deadline = host.membership.beatDeadline, ContinuousClock.now < deadline,
            let copy = try? await host.backend.hotCopy(of: id, since: oldest), let facts = copy.facts
        else { return nil }
        // A Redis that went back, or its clock, may show again what this server has seen replaced.
        if case let last?? = reads.withLock({ $0.last(id.key) }), last.version > copy.reference.version { return nil }
        let content = Content(
            payload: Payload(
                bytes: copy.payload, checksum: copy.reference.checksum, documentBytes: copy.documentBytes),
            schema: facts.schema, userIDs: facts.userIDs, metadata: facts.metadata)
        do {
            let document = try await decoded(content, id, isHotCopy: true).document
            host.metrics.readsFromCopies.increment()
            let snapshot = Snapshot(
                id: id, document: document, version: copy.reference.version, schema: facts.schema, fence: facts.fence,
                owner: nil, userIDs: facts.userIDs, metadata: facts.metadata, storedBytes: copy.payload.count,
                documentBytes: copy.documentBytes, createdAtMillis: facts.createdAtMillis,
                updatedAtMillis: facts.updatedAtMillis)
            return Reads.Found(value: snapshot, asOf: facts.confirmedAt)
        } catch {
            // Only the store's own bytes tell whether these are damaged.
            host.logger.debug(
                "a hot copy cannot be read", metadata: ["holdfast.record": "\(id)", "holdfast.error": "\(error)"])
            return nil
        }
    }

    /// Lists saved profiles in the order of their keys' bytes, from the store.
    ///
    /// - Parameters:
    ///   - prefix: Only keys that begin with this.
    ///   - after: Begin behind this key: the last of the page before.
    ///   - limit: The most rows, 1 to 1,000.
    /// - Throws: ``ProfileError``: `badInput`, `unavailable`.
    public func list(
        startingWith prefix: String = "", after: Key? = nil, limit: Int = 100
    ) async throws(ProfileError) -> [RecordSummary] {
        guard (1...1_000).contains(limit) else {
            throw ProfileError(.badInput, "a page has 1 to 1,000 rows, not \(limit)")
        }
        do {
            return try await host.store.list(name, startingWith: Array(prefix.utf8), after: after, limit: limit)
        } catch {
            throw ProfileError(error)
        }
    }
}
