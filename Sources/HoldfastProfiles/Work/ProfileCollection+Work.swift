public import HoldfastStorage

extension ProfileCollection {
    /// Takes on work for a profile: it is opened when its turn comes, and saved and released after; durable then.
    ///
    /// Until it has begun it is in memory only, and lost with this server: what must not be lost is delivered as a
    /// ``ProfileOperation``. An open that fails for a passing reason is tried again until the deadline. Work that has
    /// begun is not repeated; where it throws, what it edited before stands and is saved.
    ///
    /// - Parameter timeout: By when it must have begun and be saved.
    /// - Throws: ``ProfileError``: `busy` when ``WorkQueue/maximumCount`` pieces wait, `shuttingDown`.
    @discardableResult
    public func enqueue(
        _ key: Key, priority: WorkPriority = .normal, timeout: Duration = .seconds(60),
        _ work: @escaping @Sendable (Session<Document>) async throws -> Void
    ) throws(ProfileError) -> EnqueuedWork {
        let id = RecordID(collection: name, key: key)
        let deadline = ContinuousClock.now + timeout
        let ticket = Ticket<Bool>()
        let item = WorkQueue.Item(ticket: ticket, deadline: deadline) {
            do {
                try await self.host.diagnostics.inStep(.session("work", of: id)) {
                    try await self.perform(work, on: key, until: deadline)
                }
                ticket.resolve(.success(true))
            } catch {
                ticket.resolve(
                    .failure(
                        error as? ProfileError
                            ?? ProfileError(.internalError, "the work threw", record: id, underlying: error)))
            }
        }
        try host.work.add(item, to: id, priority: priority)
        return EnqueuedWork(record: id, ticket: ticket, deadline: deadline, waits: host.waits)
    }

    private func perform(
        _ work: (Session<Document>) async throws -> Void, on key: Key, until deadline: ContinuousClock.Instant
    ) async throws {
        let session = try await openForWork(key, until: deadline)
        let before = session.state.withLock(\.edits)
        do {
            try await work(session)
        } catch {
            try? await session.giveUpHandle()
            throw error
        }
        try await session.giveUpHandle()
        // Of its own edits only: the game is to hear of others.
        let isDropped = session.state.withLock { state in
            before < state.edits && (before + 1...state.edits).contains { state.dropped.contains($0) }
        }
        if isDropped { throw session.dropped }
    }

    private func openForWork(
        _ key: Key, until deadline: ContinuousClock.Instant
    ) async throws -> Session<Document> {
        var failures = 0
        while true {
            do throws(ProfileError) {
                let left = max(.milliseconds(1), deadline - .now)
                let session = try await open(key, timeout: min(left, host.configuration.openTimeout))
                guard let refusal = session.fallbackRefusal(of: "work") else { return session }
                try? await session.close()
                throw session.loadFailure ?? refusal
            } catch {
                failures += 1
                let pause = error.code.retryPauses.pause(after: failures, chance: .random(in: 0...1))
                guard error.isRetriable || error.code == .ended, ContinuousClock.now + pause < deadline else {
                    throw error
                }
                try await Task.sleep(for: pause)
            }
        }
    }
}
