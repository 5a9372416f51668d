import HoldfastStorage

/// A board that the store feeds: its current season, or one that was named.
struct DurableBoardSource: BoardSource {
    let boards: DurableBoards
    let record: BoardRecord
    /// Nil for the current one.
    var pinned: Season?

    var isRedisOnly: Bool { false }

    /// The season that this stands for now.
    var season: Season { pinned ?? boards.catalog.season(of: record) }

    /// Where a change to the season goes that this stands for, whatever its window.
    var fixedTarget: SeasonTarget {
        SeasonTarget(space: record.space, calendar: record.calendar, season: season)
    }

    func index() async throws(MemoryStoreError) -> BoardIndex {
        try boards.catalog.check(record.space)
        return try boards.index(record, season.id)
    }

    func load(_ index: BoardIndex) async throws(MemoryStoreError) {
        guard let season = Int64(index.address.season) else { return }
        try await boards.projector.load(record.space.table(season), index, within: boards.context.timeout)
    }

    func admitFast(_ count: Int, to index: BoardIndex) async throws(MemoryStoreError) {
        try requireCurrent()
        guard record.conditions == ScoreSubmission.Conditions() else {
            throw MemoryStoreError(
                .badInput, "a tournament with a capacity, an entry or a number of tries takes durable scores only")
        }
        let season = boards.catalog.season(of: record)
        let now = boards.context.wallClock()
        let window = record.calendar.window(of: season)
        guard window.contains(now) else { throw Self.notOpen(record, now) }
        guard boards.writer.hasRoomBehind(for: count) else {
            throw MemoryStoreError(
                .unavailable, "too many fast scores are on their way to the store; try again",
                underlying: FastScoresBehind())
        }
    }

    func accepted(_ submissions: [BoardSubmission], by index: BoardIndex) async throws(MemoryStoreError) {
        guard let season = Int64(index.address.season) else { return }
        var changes: [(member: Key, change: FastChange)] = []
        for submission in submissions {
            let change = FastChange(
                pair: ScorePair(score: submission.score, subscore: submission.subscore),
                rule: record.settings.rules.scoreRule(submission.scoreOperator),
                metadata: try submission.metadata.map { value throws(MemoryStoreError) in
                    try BoardSubmission.bytes(of: value)
                })
            changes.append((submission.member, change))
        }
        boards.writer.follow(changes, table: record.space.table(season))
    }

    /// Refuses scores for a season that is not the current one.
    ///
    /// - Throws: ``MemoryStoreError`` with code `notOpen`.
    func requireCurrent() throws(MemoryStoreError) {
        guard let pinned, pinned.id != boards.catalog.season(of: record).id else { return }
        throw MemoryStoreError(.notOpen, "season \(pinned.id) of board \(record.space.board.debugDescription) is over")
    }

    /// Says when the board takes scores, in place of now.
    static func notOpen(_ record: BoardRecord, _ nowMillis: Int64) -> MemoryStoreError {
        let name = record.space.board.debugDescription
        guard let next = record.calendar.nextOpen(from: nowMillis) else {
            return MemoryStoreError(.notOpen, "board \(name) takes no more scores")
        }
        let start = record.calendar.window(of: next).lowerBound
        return MemoryStoreError(.notOpen, "board \(name) takes scores from \(start) ms since 1970 on")
    }
}

extension Board {
    /// What stands behind a board of the store.
    ///
    /// - Throws: ``MemoryStoreError``: `needsStore` for a board that Redis alone has, `notFound` when it was deleted.
    func requireDurable() throws(MemoryStoreError) -> DurableBoardSource {
        guard let source = source as? DurableBoardSource else {
            throw MemoryStoreError(
                .needsStore, "board \(name.debugDescription) is in Redis alone; create it to have it in the store")
        }
        try source.boards.catalog.check(source.record.space)
        return source
    }
}
