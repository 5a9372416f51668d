#if DEBUG
    import HoldfastStorage

    /// Some members' scores are in the store, and Redis is told that they were removed.
    struct LostProjectionStore: StoreRelay {
        let store: any DurableStore

        func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
            try await store.execute(group).map { reply in
                guard case .submit(var outcome) = reply else { return reply }
                outcome.outcomes = outcome.outcomes.map { outcome in
                    guard case .accepted(let row, let changed) = outcome else { return outcome }
                    return .accepted(Self.spoiled(row), changed: changed)
                }
                return .submit(outcome)
            }
        }

        func scores(of table: SpaceName, changedAfter change: Int64, limit: Int) async throws(StoreError) -> ScorePage?
        {
            guard var page = try await store.scores(of: table, changedAfter: change, limit: limit) else { return nil }
            page.rows = page.rows.map(Self.spoiled)
            return page
        }

        private static func spoiled(_ row: ScoreRow) -> ScoreRow {
            var row = row
            row.isRemoved = row.isRemoved || row.member.bytes.reduce(0) { $0 &+ Int($1) } % 5 == 0
            return row
        }
    }

    /// A batch of scores is sent again under another id, as after a lost answer that nobody recognises.
    struct DoubledScoreStore: StoreRelay {
        let store: any DurableStore

        func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
            let first = try await store.execute(group)
            guard group.contains(where: { if case .submit = $0 { true } else { false } }), Int.random(in: 0..<4) == 0
            else { return first }
            var replies = first
            for (index, request) in group.enumerated() {
                guard case .submit(var batch) = request else { continue }
                batch.id = .random()
                replies[index] = try await store.execute([.submit(batch)])[0]
            }
            return replies
        }
    }

    /// Scores are acknowledged, and some never written.
    struct LostScoreStore: StoreRelay {
        let store: any DurableStore

        func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
            var thinned = group
            for (index, request) in group.enumerated() {
                guard case .submit(var batch) = request, Int.random(in: 0..<4) == 0 else { continue }
                // Nothing else of the row tells that this one has no effect.
                batch.submissions = batch.submissions.map { submission in
                    var submission = submission
                    submission.action = .join
                    return submission
                }
                thinned[index] = .submit(batch)
            }
            return try await store.execute(thinned)
        }
    }

    /// Documents are committed, and some of the scores that they bring are not.
    struct ScoreApartStore: StoreRelay {
        let store: any DurableStore

        func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
            let stripped = group.map { request in
                guard case .commit(var commit) = request, Int.random(in: 0..<3) == 0 else { return request }
                commit.projections = []
                return .commit(commit)
            }
            return try await store.execute(stripped)
        }
    }

    /// Every fifth announcement is in the store, and nobody who reads the log is given it.
    struct LostAnnouncementStore: StoreRelay {
        let store: any DurableStore

        func entries(of log: SpaceName, after sequence: Int64, limit: Int) async throws(StoreError) -> LogPage? {
            var page = try await store.entries(of: log, after: sequence, limit: limit)
            page?.entries.removeAll { $0.sequence.isMultiple(of: 5) }
            return page
        }
    }
#endif
