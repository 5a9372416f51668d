public import HoldfastStorage

extension ProfileCollection {
    /// How far a profile has come on this server, from memory.
    public func loadState(of key: Key) -> LoadState {
        entries.withLock { entries in
            switch entries[key] {
            case nil: .absent
            case .loading(let loading): loading.state
            case .joining: .joining
            case .open(let session) where session.isFinishing: .releasing
            case .open(let session): session.isFallback ? .fallback : .ready
            }
        }
    }

    /// The session of a profile that is open on this server, from memory; nil while it is loaded, released or not open.
    ///
    /// It is not opened once more: it ends with the last `close()` of those who opened it.
    public func session(for key: Key) -> Session<Document>? {
        guard case .open(let session) = entries.withLock({ $0[key] }), !session.isFinishing, !session.isEnded else {
            return nil
        }
        return session
    }

    /// Waits until somebody on this server has opened a profile, and returns that session without opening it once more.
    ///
    /// For parts of a game that need a player's data and leave joining to another part.
    ///
    /// - Parameter timeout: Default ``CoordinatorConfiguration/openTimeout``.
    /// - Throws: ``ProfileError``: what the open threw if it failed meanwhile; `deadline` when nobody has opened the
    ///   profile in time, `cancelled`, `notReady` and `shuttingDown` when the coordinator does not run.
    public func waitUntilLoaded(_ key: Key, timeout: Duration? = nil) async throws(ProfileError) -> Session<Document> {
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.openTimeout)
        try await readiness.wait(until: deadline)
        let ticket = awaited.withLock { awaited in
            var entry = awaited[key] ?? (ticket: Ticket<Session<Document>>(), count: 0)
            entry.count += 1
            awaited[key] = entry
            return entry.ticket
        }
        defer {
            awaited.withLock { awaited in
                // Nobody may be left with a ticket that is no longer here.
                guard var entry = awaited[key], entry.ticket === ticket else { return }
                entry.count -= 1
                awaited[key] = entry.count > 0 ? entry : nil
            }
        }
        if let session = session(for: key) { arrived(key, .success(session)) }
        // Nobody comes any more, and no tick ends this wait.
        if readiness.isStopped { arrived(key, .failure(ProfileError(.notReady, "the coordinator has stopped"))) }
        let id = RecordID(collection: name, key: key)
        return try await host.waits.value(of: ticket, until: deadline) {
            ProfileError(.deadline, "nobody has opened the profile on this server in time", record: id)
        }
    }

    /// Tells those who wait for somebody else's open.
    func arrived(_ key: Key, _ result: Result<Session<Document>, ProfileError>) {
        awaited.withLock { $0.removeValue(forKey: key) }?.ticket.resolve(result)
    }
}
