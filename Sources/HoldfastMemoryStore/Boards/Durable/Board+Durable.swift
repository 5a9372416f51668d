public import HoldfastStorage

extension Board {
    // MARK: - Scores

    /// Submits a score; durable: the store has it when this returns, and Redis normally too.
    ///
    /// It goes to the season that is current by the store's clock when it is committed. Redis being away does not fail
    /// it: the ranks follow when Redis is back.
    ///
    /// - Parameters:
    ///   - score: What meets the stored score.
    ///   - member: Whose it is.
    ///   - subscore: What ranks it among equal scores.
    ///   - scoreOperator: What it does; nil takes the board's operator.
    ///   - metadata: Replaces what is kept with the member, at most 4 KiB of JSON; nil keeps it.
    ///   - ranked: Whether to ask Redis for the rank too, once it has the score.
    ///   - timeout: Until the store's answer; nil takes the memory store's.
    /// - Returns: The member's score as the store has it now; no rank where Redis does not have it in time.
    /// - Throws: ``MemoryStoreError``: `badInput`, also where the sum would leave the range of Int64; `notOpen`,
    ///   `full`, `exhausted` and `notFound` (who must join first) where the board's rules refuse it; `unavailable` and
    ///   `deadline` when nothing was sent; `outcomeUnknown` when no answer came in time, while the store is asked on,
    ///   or the member was removed before a late one came; `needsStore`.
    @discardableResult
    public func submit(
        _ score: Int64, for member: Key, subscore: Int64 = 0, scoreOperator: ScoreOperator? = nil,
        metadata: JSONValue? = nil, ranked: Bool = false, timeout: Duration? = nil
    ) async throws(MemoryStoreError) -> BoardScore {
        let submission = BoardSubmission(
            member: member, score: score, subscore: subscore, scoreOperator: scoreOperator, metadata: metadata)
        switch try await submit([submission], ranked: ranked, timeout: timeout).first {
        case .accepted(let score, _): return score
        case .refused(let refusal): throw try requireDurable().error(refusal)
        case nil: throw MemoryStoreError(.internalError, "a submission had no outcome")
        }
    }

    /// Submits many scores, each in its turn; durable: the store has those that were accepted when this returns.
    ///
    /// - Parameters:
    ///   - submissions: At most ``BoardSubmission/maximumCount``; a member may occur several times.
    ///   - ranked: Whether to ask Redis for ranks too, once it has all of them.
    ///   - timeout: Until the store's answer; nil takes the memory store's.
    /// - Returns: An outcome for each, in their order; no ranks where Redis does not have them in time.
    /// - Throws: ``MemoryStoreError``: `badInput` before anything was sent, `notOpen` for a season that is over,
    ///   `unavailable`, `deadline`, `outcomeUnknown`, also where a member was removed before a late answer came,
    ///   `needsStore`. After `unavailable`, `deadline` and `outcomeUnknown` some may be in place.
    public func submit(
        _ submissions: [BoardSubmission], ranked: Bool = false, timeout: Duration? = nil
    ) async throws(MemoryStoreError) -> [BoardOutcome] {
        guard submissions.count <= BoardSubmission.maximumCount else {
            throw MemoryStoreError(
                .badInput, "at most \(BoardSubmission.maximumCount) scores at a time, not \(submissions.count)")
        }
        let source = try requireDurable()
        try source.requireCurrent()
        let target = SeasonTarget(space: source.record.space, calendar: source.record.calendar)
        var changes: [ScoreWriter.Change] = []
        for submission in submissions {
            changes.append(
                ScoreWriter.Change(
                    target: target, member: submission.member,
                    action: .submit(
                        score: submission.score, subscore: submission.subscore,
                        rule: rules.scoreRule(submission.scoreOperator)),
                    metadata: try submission.metadata.map { value throws(MemoryStoreError) in
                        try BoardSubmission.bytes(of: value)
                    },
                    conditions: source.record.conditions))
        }
        let (written, isProjected) = try await source.boards.write(changes, timeout: timeout, ranked: ranked)
        var outcomes: [BoardOutcome] = []
        for outcome in written {
            switch outcome {
            case .accepted(let row, let changed):
                let score = BoardScore(score: row.score, subscore: row.subscore, submissions: row.submissions)
                outcomes.append(.accepted(score, changed: changed))
            case .refused(let refusal): outcomes.append(.refused(refusal))
            case .removed:
                throw MemoryStoreError(
                    .outcomeUnknown,
                    "a member was removed before the answer came; its score, and others of the call, took effect")
            }
        }
        return ranked && isProjected ? await withRanks(outcomes, of: submissions.map(\.member)) : outcomes
    }

    /// The outcomes with the ranks that Redis shows now; without them where Redis fails.
    private func withRanks(_ outcomes: [BoardOutcome], of members: [Key]) async -> [BoardOutcome] {
        let places = try? await withIndex { index async throws(MemoryStoreError) in
            try await index.locate(members).found
        }
        guard let places else { return outcomes }
        return zip(outcomes, places).map { outcome, place in
            guard case .accepted(var score, let changed) = outcome else { return outcome }
            score.rank = place?.rank
            return .accepted(score, changed: changed)
        }
    }

    // MARK: - Members

    /// Replaces a member's metadata and leaves its score as it is; durable.
    ///
    /// - Throws: ``MemoryStoreError``: `notFound` when the member is not there, `badInput`, and as
    ///   ``submit(_:for:subscore:scoreOperator:metadata:ranked:timeout:)``.
    public func setMetadata(
        _ metadata: JSONValue, for member: Key, timeout: Duration? = nil
    ) async throws(MemoryStoreError) {
        let source = try requireDurable()
        let bytes = try BoardSubmission.bytes(of: metadata)
        try await source.change(member, .metadata, in: source.fixedTarget, metadata: bytes, timeout: timeout)
    }

    /// Removes members with all that they have in this season; durable, also after the season's end.
    ///
    /// - Parameter members: At most ``BoardSubmission/maximumCount``; those that are not there are passed over.
    /// - Throws: ``MemoryStoreError`` as ``submit(_:ranked:timeout:)``.
    public func remove(_ members: [Key], timeout: Duration? = nil) async throws(MemoryStoreError) {
        guard members.count <= BoardSubmission.maximumCount else {
            throw MemoryStoreError(
                .badInput, "at most \(BoardSubmission.maximumCount) members at a time, not \(members.count)")
        }
        let source = try requireDurable()
        let changes = members.map {
            ScoreWriter.Change(target: source.fixedTarget, member: $0, action: .remove)
        }
        _ = try await source.boards.write(changes, timeout: timeout)
    }

    /// What the store has of some members in this season, in the order asked for; durable, and slower than Redis.
    ///
    /// - Parameter members: At most 1,000.
    /// - Returns: Nil for a member that is not there; a score with no submissions for one that has only joined.
    /// - Throws: ``MemoryStoreError``: `badInput`, `unavailable`, `needsStore`.
    public func stored(_ members: [Key]) async throws(MemoryStoreError) -> [BoardScore?] {
        let source = try requireDurable()
        do throws(StoreError) {
            let table = source.record.space.table(source.season.id)
            return try await source.boards.durable.store.scores(of: table, members: members).map { row in
                row.map { BoardScore(score: $0.score, subscore: $0.subscore, submissions: $0.submissions) }
            }
        } catch {
            throw MemoryStoreError(error)
        }
    }

    // MARK: - Tournaments

    /// Joins the current season of a tournament, or its next one before it starts; durable.
    ///
    /// Who has joined has no rank before the first score. Joining again changes nothing.
    ///
    /// - Parameter metadata: Kept with the member, at most 4 KiB of JSON.
    /// - Throws: ``MemoryStoreError``: `full`, `notOpen` when the tournament is over, and as
    ///   ``submit(_:for:subscore:scoreOperator:metadata:ranked:timeout:)``.
    public func join(
        _ member: Key, metadata: JSONValue? = nil, timeout: Duration? = nil
    ) async throws(MemoryStoreError) {
        let source = try requireDurable()
        let bytes = try metadata.map { value throws(MemoryStoreError) in try BoardSubmission.bytes(of: value) }
        var conditions = source.record.conditions
        conditions.requiresMember = false
        conditions.maximumSubmissions = nil
        try await source.change(
            member, .join, in: source.joinTarget(&conditions), metadata: bytes, conditions: conditions,
            timeout: timeout)
    }

    /// Leaves the season that ``join(_:metadata:timeout:)`` joined; durable, and only before the first score.
    ///
    /// - Throws: ``MemoryStoreError``: `conflict` for a member with a score, `notOpen`, and as
    ///   ``submit(_:for:subscore:scoreOperator:metadata:ranked:timeout:)``.
    public func leave(_ member: Key, timeout: Duration? = nil) async throws(MemoryStoreError) {
        let source = try requireDurable()
        var conditions = ScoreSubmission.Conditions()
        try await source.change(
            member, .leave, in: source.joinTarget(&conditions), conditions: conditions, timeout: timeout)
    }
}

extension DurableBoardSource {
    /// Makes one change.
    ///
    /// - Throws: ``MemoryStoreError``; a refusal as its error.
    fileprivate func change(
        _ member: Key, _ action: ScoreSubmission.Action, in target: SeasonTarget, metadata: [UInt8]? = nil,
        conditions: ScoreSubmission.Conditions = .init(), timeout: Duration?
    ) async throws(MemoryStoreError) {
        let change = ScoreWriter.Change(
            target: target, member: member, action: action, metadata: metadata, conditions: conditions)
        if case .refused(let refusal)? = try await boards.write([change], timeout: timeout).outcomes.first {
            throw error(refusal)
        }
    }

    /// The season to join, bound to its end by the store's clock.
    ///
    /// - Throws: ``MemoryStoreError`` with code `notOpen`.
    fileprivate func joinTarget(
        _ conditions: inout ScoreSubmission.Conditions
    ) throws(MemoryStoreError) -> SeasonTarget {
        try requireCurrent()
        let now = boards.context.wallClock()
        guard let season = record.calendar.nextOpen(from: now) else { throw Self.notOpen(record, now) }
        conditions.window = 0..<record.calendar.window(of: season).upperBound
        return SeasonTarget(space: record.space, calendar: record.calendar, season: season)
    }

    /// The error that a refusal is thrown as.
    func error(_ refusal: ScoreOutcome.Refusal) -> MemoryStoreError {
        switch refusal {
        case .overflow:
            MemoryStoreError(.badInput, "the score would leave the range of Int64; nothing was changed")
        case .noSubmissionsLeft: MemoryStoreError(.exhausted, "the member has used up its submissions")
        case .full: MemoryStoreError(.full, "the board has as many members as it may have")
        case .notAMember: MemoryStoreError(.notFound, "no such member; on a tournament with an entry, join first")
        case .superseded: MemoryStoreError(.conflict, "a newer version of the record was projected before")
        case .outsideWindow(let now): Self.notOpen(record, now)
        case .hasSubmitted: MemoryStoreError(.conflict, "who has a score cannot leave any more")
        }
    }
}
