public import HoldfastStorage

extension ProfileCollection {
    /// Changes a profile wherever it is, durably: takes it for this server, applies the change, saves and releases.
    ///
    /// A live holder is asked to hand over, so its player's session ends: for a player who is online elsewhere deliver
    /// a ``ProfileOperation``, which goes to the owner instead. Where the profile is open here, the change joins that
    /// session. Hooks run as for any open.
    ///
    /// - Parameter timeout: For all of it; default ``CoordinatorConfiguration/openTimeout``.
    /// - Returns: What the closure returned, once the store has the change.
    /// - Throws: ``ProfileError`` as ``open(_:timeout:waits:)`` and `fallback`, with nothing changed;
    ///   `outcomeUnknown` when the change was made and the store has not confirmed it: the session goes on trying;
    ///   `dropped` when the change went with an operation that it was built on, and nothing of it is stored;
    ///   `badInput`; and whatever the closure throws, with nothing changed.
    @discardableResult
    public func update<Result: Sendable>(
        _ key: Key, timeout: Duration? = nil, reason: String? = nil, _ change: (inout Document) throws -> Result
    ) async throws -> Result {
        try await update(key, timeout: timeout, reason: reason, delivering: { document, _ in try change(&document) })
    }

    /// Changes a profile wherever it is and delivers operations to others in the same commit; durable.
    ///
    /// As the form without an outbox.
    ///
    /// - Throws: As the form without an outbox.
    @discardableResult
    public func update<Result: Sendable>(
        _ key: Key, timeout: Duration? = nil, reason: String? = nil,
        delivering change: (inout Document, inout Outbox) throws -> Result
    ) async throws -> Result {
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.openTimeout)
        return try await host.diagnostics.inStep(.session("update", of: RecordID(collection: name, key: key))) {
            try await updated(key, until: deadline, reason: reason, change)
        }
    }

    private func updated<Result: Sendable>(
        _ key: Key, until deadline: ContinuousClock.Instant, reason: String?,
        _ change: (inout Document, inout Outbox) throws -> Result
    ) async throws -> Result {
        while true {
            let session = try await open(key, timeout: max(.milliseconds(1), deadline - .now))
            var hasBegun = false
            let result: Result
            let number: UInt64
            do {
                if let refusal = session.fallbackRefusal(of: "update") { throw refusal }
                (result, number) = try session.numberedChange(because: .init(.edit, reason: reason)) {
                    document, outbox in
                    hasBegun = true
                    return try change(&document, &outbox)
                }
            } catch {
                try? await session.giveUpHandle(timeout: max(.milliseconds(1), deadline - .now))
                // Taken from here between the open and the edit, or in use by a transaction.
                guard !hasBegun, let error = error as? ProfileError, [.busy, .ended].contains(error.code),
                    ContinuousClock.now < deadline
                else { throw error }
                guard (try? await Task.sleep(for: .milliseconds(5))) != nil else {
                    throw ProfileError(.cancelled, "cancelled before anything was changed", record: session.id)
                }
                continue
            }
            try await confirm(number, of: session, until: deadline)
            return result
        }
    }

    /// Saves and releases; a session that ended meanwhile has saved the change, too, unless it was lost.
    private func confirm(
        _ edit: UInt64, of session: Session<Document>, until deadline: ContinuousClock.Instant
    ) async throws(ProfileError) {
        let failure: ProfileError?
        do throws(ProfileError) {
            try await session.giveUpHandle(timeout: max(.milliseconds(1), deadline - .now))
            failure = nil
        } catch {
            failure = error
        }
        // Whatever else happened: nothing of it is stored or will be.
        if session.state.withLock({ $0.dropped.contains(edit) }) { throw session.dropped }
        guard let failure else { return }
        guard failure.code != .fenced, failure.code != .badInput else { throw failure }
        throw ProfileError(
            .outcomeUnknown, "the change was made; the store has not confirmed it", record: session.id,
            underlying: failure)
    }
}
