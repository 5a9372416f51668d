import HoldfastStorage

extension Board {
    /// The seasons that the store has scores of, newest first; durable.
    ///
    /// - Parameters:
    ///   - earlier: Only seasons before the one of this id; nil from the newest on.
    ///   - limit: 1 to 1,000.
    /// - Throws: ``MemoryStoreError``: `badInput`, `unavailable`, `needsStore`.
    public func seasons(before earlier: Int64? = nil, limit: Int = 100) async throws(MemoryStoreError) -> [SeasonInfo] {
        guard (1...1_000).contains(limit) else {
            throw MemoryStoreError(.badInput, "a list has 1 to 1,000 seasons, not \(limit)")
        }
        let source = try requireDurable()
        let current = source.boards.catalog.season(of: source.record)
        var found: [SeasonInfo] = []
        // Listed from the oldest on; a board of many years has some thousand at most.
        for summary in try await source.tables() where summary.last > 0 {
            guard let season = BoardSpace.parse(summary.name)?.season, season < earlier ?? .max,
                let named = source.record.calendar.season(id: season)
            else { continue }
            found.append(
                SeasonInfo(season: named, members: summary.count, isCurrent: named.id == current.id))
        }
        return Array(found.reversed().prefix(limit))
    }

    /// The same board in one season, an archived one for example; it stays readable until it is removed.
    ///
    /// An archived season that Redis does not have any more is loaded by its first reader.
    ///
    /// - Parameter id: ``Season/id``.
    /// - Throws: ``MemoryStoreError``: `notFound` for a season that the store has no scores of, `unavailable`.
    public func season(_ id: Int64) async throws(MemoryStoreError) -> Board {
        let source = try requireDurable()
        guard let season = source.record.calendar.season(id: id) else {
            throw MemoryStoreError(.notFound, "no season of board \(name.debugDescription) starts at \(id)")
        }
        if season.id != source.boards.catalog.season(of: source.record).id {
            let page: ScorePage?
            do throws(StoreError) {
                page = try await source.boards.durable.store.scores(
                    of: source.record.space.table(id), changedAfter: 0, limit: 1)
            } catch {
                throw MemoryStoreError(error)
            }
            guard let page, page.lastChange > 0 else {
                throw MemoryStoreError(.notFound, "board \(name.debugDescription) has no scores of season \(id)")
            }
        }
        try await source.boards.catchUp(source.record, id)
        return Board(
            name: name, rules: rules,
            source: DurableBoardSource(boards: source.boards, record: source.record, pinned: season))
    }

    /// What the board was created with and where it stands in its seasons, as this process knows it.
    ///
    /// - Throws: ``MemoryStoreError``: `notFound` when it was deleted, `needsStore`.
    public func info() throws(MemoryStoreError) -> BoardInfo {
        let source = try requireDurable()
        return BoardInfo(source.record, atMillis: source.boards.context.wallClock())
    }

    /// Makes the season in Redis anew from the store; reads and scores go on with the old one meanwhile.
    ///
    /// Redis that lost a board gets it back without this call.
    ///
    /// - Parameter timeout: How long to wait for the end; the work goes on after it.
    /// - Throws: ``MemoryStoreError``: `rebuilding` when it takes longer, `needsStore`, `notFound`.
    public func rebuild(timeout: Duration = .seconds(60)) async throws(MemoryStoreError) {
        let source = try requireDurable()
        let season = source.season.id
        try await source.boards.projector.rebuild(
            source.record.space.table(season), try source.boards.index(source.record, season), within: timeout)
    }

    /// Calls `hook` when a season of this board has ended: at least once per season over the whole fleet.
    ///
    /// A season has ended when the store refuses its scores by its own clock: at the reset, or at the end of the
    /// tournament or its duration. Any server with a hook calls it, one at a time and in the order of the seasons; what
    /// was called is noted in the store afterwards, so a server that dies in between makes another one call it again
    /// with the same season. A hook that throws is called again after a while. Seasons that ended while no server had a
    /// hook follow, the newest 100 of them.
    ///
    /// The hook stays for as long as the memory store runs.
    ///
    /// - Throws: ``MemoryStoreError``: `needsStore`, `notFound`.
    public func onSeasonEnd(
        _ hook: @escaping @Sendable (_ board: Board, _ season: Season) async throws -> Void
    ) throws(MemoryStoreError) {
        let source = try requireDurable()
        source.boards.hooks.add(hook, to: source.record)
    }
}

/// One season of a board as the store has it.
public struct SeasonInfo: Sendable, Equatable {
    /// Which one.
    public let season: Season
    /// How many members it has.
    public let members: Int
    /// Whether it is the current one.
    public let isCurrent: Bool
}

extension DurableBoardSource {
    /// Every score table of the board, the oldest season first.
    func tables() async throws(MemoryStoreError) -> [SpaceSummary] {
        var tables: [SpaceSummary] = []
        do throws(StoreError) {
            let prefix = Array(record.space.tables.utf8)
            while true {
                let page = try await boards.durable.store.scoreTables(
                    startingWith: prefix, after: tables.last?.name, limit: 1_000)
                tables += page
                if page.count < 1_000 { return tables }
            }
        } catch {
            throw MemoryStoreError(error)
        }
    }
}
