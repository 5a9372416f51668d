// One call for each kind of request.

extension GroupCommitter {
    /// Takes a record for one session, durably.
    ///
    /// - Throws: ``StoreError``; `deadline` when `timeout` passed before it was sent.
    public func seal(_ request: SealRequest, timeout: Duration) async throws(StoreError) -> SealOutcome {
        guard case .seal(let outcome) = try await submit(.seal(request), timeout) else { throw Self.mismatch() }
        return outcome
    }

    /// Writes records and settles their operations durably, all or nothing.
    ///
    /// - Parameter isUrgent: Whether it goes ahead of the ``RequestBudget``, as last saves do by themselves.
    /// - Throws: ``StoreError``; `deadline` when `timeout` passed before it was sent, `outcomeUnknown` when
    ///   it must be repeated with the same bytes and save ids.
    public func commit(
        _ request: CommitRequest, timeout: Duration, isUrgent: Bool = false
    ) async throws(StoreError) -> CommitOutcome {
        guard case .commit(let outcome) = try await submit(.commit(request), timeout, isUrgent: isUrgent) else {
            throw Self.mismatch()
        }
        return outcome
    }

    /// Puts an operation on a record's list, durably.
    ///
    /// - Throws: ``StoreError``; `deadline` when `timeout` passed before it was sent.
    public func deliver(_ delivery: Delivery, timeout: Duration) async throws(StoreError) -> DeliveryOutcome {
        guard case .deliver(let outcome) = try await submit(.deliver(delivery), timeout) else { throw Self.mismatch() }
        return outcome
    }

    /// Adds entries to a log durably, all or none.
    ///
    /// - Throws: ``StoreError``; `deadline` when `timeout` passed before it was sent, `outcomeUnknown` when it may be
    ///   repeated with the same ids.
    public func append(_ request: AppendRequest, timeout: Duration) async throws(StoreError) -> AppendOutcome {
        guard case .append(let outcome) = try await submit(.append(request), timeout) else { throw Self.mismatch() }
        return outcome
    }

    /// Removes entries of a log durably; says how many there were.
    ///
    /// - Throws: ``StoreError``; `deadline` when `timeout` passed before it was sent.
    public func trim(_ request: TrimRequest, timeout: Duration) async throws(StoreError) -> Int {
        guard case .trim(let count) = try await submit(.trim(request), timeout) else { throw Self.mismatch() }
        return count
    }

    /// Applies scores durably, each on its own.
    ///
    /// - Throws: ``StoreError``; `deadline` when `timeout` passed before it was sent, `outcomeUnknown` when it must be
    ///   repeated under the same id.
    public func submit(_ batch: ScoreBatch, timeout: Duration) async throws(StoreError) -> ScoreBatchOutcome {
        guard case .submit(let outcome) = try await submit(.submit(batch), timeout) else { throw Self.mismatch() }
        return outcome
    }

    /// Decides a trade durably, unless it was decided before; returns the verdict that stands.
    ///
    /// Safe to repeat.
    ///
    /// - Throws: ``StoreError``; `deadline` when `timeout` passed before it was sent.
    public func decide(_ decision: Decision, timeout: Duration) async throws(StoreError) -> Decision.Verdict {
        guard case .decide(let verdict) = try await submit(.decide(decision), timeout) else { throw Self.mismatch() }
        return verdict
    }

    private static func mismatch() -> StoreError {
        StoreError(.internalError, "the store answered another kind of request")
    }
}
