public import HoldfastStorage

extension ProfileCollection {
    /// Reads a profile as it was last saved, at most `maximumAge` ago, without a lock; nil when it was not there then.
    ///
    /// From this server's memory where a read of the same profile was sent since then: readers that come at once share
    /// one read of the store, and up to 4,096 profiles are kept. Saves of the meantime may be missing, those of this
    /// server as well; for what must be current use ``read(_:)``, for a profile that is open here its session.
    ///
    /// - Throws: ``ProfileError``: `unavailable`, `corrupt`, `newerSchema`, `cancelled`, `notReady` after the end.
    public func read(_ key: Key, maximumAge: Duration) async throws(ProfileError) -> Snapshot<Document>? {
        let now = ContinuousClock.now
        let ticket: Ticket<Snapshot<Document>?>
        switch reads.withLock({ $0.step(key, oldest: now - maximumAge, now: now) }) {
        case .cached(let snapshot): return snapshot
        case .join(let running): ticket = running
        case .start(let new):
            ticket = new
            if !host.jobs.submit({ await self.read(key, for: new) }) {
                reads.withLock { $0.ended(key, new, nil) }
                new.resolve(.failure(ProfileError(.notReady, "the coordinator has stopped")))
            }
        }
        let id = RecordID(collection: name, key: key)
        return try await host.waits.value(of: ticket, until: now + host.configuration.saveTimeout) {
            ProfileError(.unavailable, "the store has not answered in time", record: id)
        }
    }

    private func read(_ key: Key, for ticket: Ticket<Snapshot<Document>?>) async {
        do throws(ProfileError) {
            let snapshot = try await read(key)
            reads.withLock { $0.ended(key, ticket, .some(snapshot)) }
            ticket.resolve(.success(snapshot))
        } catch {
            reads.withLock { $0.ended(key, ticket, nil) }
            ticket.resolve(.failure(error))
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
