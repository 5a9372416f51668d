public import HoldfastStorage

extension Board {
    /// Submits a score and returns the member's new one, fast.
    ///
    /// A board of the store gets it a moment later; what this process has not brought there is lost when the process
    /// dies. On a board that Redis alone has it is lost with Redis.
    ///
    /// - Parameters:
    ///   - score: What meets the stored score.
    ///   - member: Whose it is.
    ///   - subscore: What ranks it among equal scores.
    ///   - scoreOperator: What it does; nil takes the board's operator.
    ///   - metadata: Replaces what is kept with the member, at most 4 KiB of JSON; nil keeps it.
    ///   - ranked: Whether to return the rank too.
    /// - Throws: ``MemoryStoreError``: `badInput`, also where the sum would leave the range of Int64; `conflict` when
    ///   the board has other rules; `unavailable`, `outcomeUnknown`.
    @discardableResult
    public func submitFast(
        _ score: Int64, for member: Key, subscore: Int64 = 0, scoreOperator: ScoreOperator? = nil,
        metadata: JSONValue? = nil, ranked: Bool = true
    ) async throws(MemoryStoreError) -> BoardScore {
        let submission = BoardSubmission(
            member: member, score: score, subscore: subscore, scoreOperator: scoreOperator, metadata: metadata)
        switch try await submitFast([submission], ranked: ranked).first {
        case .accepted(let score, _): return score
        case .refused(.overflow):
            throw MemoryStoreError(.badInput, "the score would leave the range of Int64; nothing was changed")
        case .refused(let refusal):
            throw MemoryStoreError(.conflict, "the board refused the score: \(refusal)")
        case nil: throw MemoryStoreError(.internalError, "a submission had no outcome")
        }
    }

    /// Submits many scores, each in its turn, fast.
    ///
    /// They go out 100 at a time; after `outcomeUnknown` some may be in place. See
    /// ``submitFast(_:for:subscore:scoreOperator:metadata:ranked:)`` for what can be lost.
    ///
    /// - Parameters:
    ///   - submissions: At most ``BoardSubmission/maximumCount``; a member may occur several times.
    ///   - ranked: Whether to return ranks too, as they are after the last of them.
    /// - Returns: An outcome for each, in their order.
    /// - Throws: ``MemoryStoreError``: `badInput` before anything was sent, `conflict`, `unavailable`,
    ///   `outcomeUnknown`.
    public func submitFast(
        _ submissions: [BoardSubmission], ranked: Bool = false
    ) async throws(MemoryStoreError) -> [BoardOutcome] {
        try await withIndex { index async throws(MemoryStoreError) in
            try await source.admitFast(submissions.count, to: index)
            let outcomes: [BoardOutcome]
            do throws(MemoryStoreError) {
                outcomes = try await index.submitFast(submissions, ranked: ranked)
            } catch {
                // Redis may have them; where it has not, it gets them from the store.
                if error.code == .outcomeUnknown { try await source.accepted(submissions, by: index) }
                throw error
            }
            let accepted = zip(submissions, outcomes).filter { if case .accepted = $1 { true } else { false } }
            try await source.accepted(accepted.map(\.0), by: index)
            return outcomes
        }
    }

    /// Removes members and returns how many were there, fast; only on a board that Redis alone has.
    ///
    /// - Throws: ``MemoryStoreError``: `badInput` on a board of the store, which would bring them back:
    ///   ``remove(_:timeout:)`` is for those.
    @discardableResult
    public func removeFast(_ members: [Key]) async throws(MemoryStoreError) -> Int {
        try requireRedisOnly("remove")
        guard members.count <= Self.maximumRows else {
            throw MemoryStoreError(.badInput, "at most \(Self.maximumRows) members at a time, not \(members.count)")
        }
        return try await withIndex { index async throws(MemoryStoreError) in try await index.removeFast(members) }
    }

    /// Replaces a member's metadata and leaves its score as it is, fast; only on a board that Redis alone has.
    ///
    /// - Throws: ``MemoryStoreError``: `notFound` when the member is not there; `badInput` on a board of the store,
    ///   which would bring the old metadata back: ``setMetadata(_:for:timeout:)`` is for those.
    public func setMetadataFast(_ metadata: JSONValue, for member: Key) async throws(MemoryStoreError) {
        try requireRedisOnly("setMetadata")
        let isThere = try await withIndex { index async throws(MemoryStoreError) in
            try await index.setMetadataFast(metadata, for: member)
        }
        guard isThere else { throw MemoryStoreError(.notFound, "no such member on board \(name)") }
    }

    private func requireRedisOnly(_ durable: String) throws(MemoryStoreError) {
        guard source.isRedisOnly else {
            throw MemoryStoreError(
                .badInput, "the store would take this back from board \(name.debugDescription); call \(durable)")
        }
    }
}
