import HoldfastStorage

extension Coordinator {
    /// Changes two profiles of this server as one, durably: both or neither.
    ///
    /// As ``transaction(over:timeout:_:)``, for the usual case.
    ///
    /// - Returns: What the closure returned, and the two receipts in the order of the sessions.
    /// - Throws: As the form for any number of sessions.
    @discardableResult
    public func transaction<First, Second, Result>(
        _ first: Session<First>, _ second: Session<Second>, timeout: Duration? = nil,
        _ change: (inout First, inout Second) throws -> Result
    ) async throws -> (result: Result, receipts: [SaveReceipt]) {
        try await transaction(over: [first, second], timeout: timeout) { scope in
            var documents = (try scope.document(of: first), try scope.document(of: second))
            let result = try change(&documents.0, &documents.1)
            try scope.set(documents.0, of: first)
            try scope.set(documents.1, of: second)
            return result
        }
    }

    /// Changes any number of this server's profiles and worlds as one, durably: all or none.
    ///
    /// One store transaction under every fence. The closure works on copies and may be used for anything from a gift to
    /// a guild's vault; a throw leaves everything as it was. Edits of the sessions are refused as `busy` until the
    /// store has answered.
    ///
    ///     try await coordinator.transaction(over: [ada, ben, world]) { scope in
    ///         try scope.edit(ada) { $0.coins -= 50 }
    ///         try scope.edit(ben) { $0.coins += 50 }
    ///         try scope.edit(world) { $0.name = "Ben's" }
    ///     }
    ///
    /// - Parameters:
    ///   - sessions: 1 to ``TransactionScope/maximumRecords``, no record twice; all of them are written.
    ///   - timeout: Default ``CoordinatorConfiguration/saveTimeout``.
    /// - Returns: What the closure returned, and the receipts in the order of the sessions.
    /// - Throws: ``ProfileError``: `fenced` when one of the sessions was superseded (the others keep their documents
    ///   and drop only this change), `unavailable`, `outcomeUnknown` (still being settled), `busy`, `ended`,
    ///   `badInput`; and whatever the closure throws.
    @discardableResult
    public func transaction<Result>(
        over sessions: [any TransactionMember], timeout: Duration? = nil,
        _ change: (inout TransactionScope) throws -> Result
    ) async throws -> (result: Result, receipts: [SaveReceipt]) {
        let run = try TransactionRun(sessions, host: host)
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.saveTimeout)
        do {
            let (result, outcome) = try await run.carryOut(until: deadline, change)
            guard case .committed(let receipts) = outcome else {
                throw ProfileError(.internalError, "the store decided what this transaction did not ask for")
            }
            return (result, receipts)
        } catch let refusal as TransactionRefusal {
            throw refusal.reason
        }
    }

    /// Opens what is free, changes it as one, durably, and closes it again: all or none.
    ///
    /// Records that are open here already join with their sessions; the others are opened in the order of their names,
    /// without asking a live holder for them, so that two of these never wait for each other. For records that are live
    /// elsewhere see ``trade(id:timeout:_:)``.
    ///
    ///     let players = try coordinator.collection("players", of: Player.self, options: options)
    ///     try await coordinator.transaction(opening: [players.record(ada), players.record(ben)]) { scope in
    ///         try scope.edit(ada, in: players) { $0.coins -= 50 }
    ///         try scope.edit(ben, in: players) { $0.coins += 50 }
    ///     }
    ///
    /// - Parameters:
    ///   - records: 1 to ``TransactionScope/maximumRecords``, no record twice; all of them are written.
    ///   - timeout: For all of it; default ``CoordinatorConfiguration/openTimeout``.
    /// - Returns: What the closure returned.
    /// - Throws: ``ProfileError`` as ``transaction(over:timeout:_:)`` and ``ProfileCollection/open(_:timeout:waits:)``:
    ///   `held` names the first record that is live elsewhere; whatever the closure throws. Nothing is changed then but
    ///   for `outcomeUnknown`.
    @discardableResult
    public func transaction<Result>(
        opening records: [TransactionRecord], timeout: Duration? = nil,
        _ change: (inout TransactionScope) throws -> Result
    ) async throws -> Result {
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.openTimeout)
        try TransactionRun.check(records.map(\.id))
        var sessions: [any TransactionPart] = []
        defer { Self.close(sessions, host) }
        for record in records.sorted(by: { $0.id < $1.id }) {
            sessions.append(try await record.open(max(.milliseconds(1), deadline - .now)))
        }
        return try await transaction(
            over: sessions, timeout: max(.milliseconds(1), deadline - .now), change
        ).result
    }

    /// Gives up handles that a transaction opened; what was committed is saved, so that a failure costs a lease's time.
    static func close(_ sessions: [any TransactionPart], _ host: SessionHost) {
        for session in sessions {
            let submitted = host.jobs.submit { try? await session.giveUpHandle(timeout: nil) }
            if !submitted { session.abandon() }
        }
    }
}
