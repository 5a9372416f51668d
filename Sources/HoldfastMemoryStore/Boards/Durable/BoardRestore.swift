import HoldfastStorage

/// Takes boards out of Redis whose scores in the store went back to a backup.
///
/// Redis counts the changes that it has applied. A store that was put back gives the same numbers out again, for other
/// changes: what Redis has must go, or it would take these for known.
struct BoardRestore: Sendable {
    let boards: DurableBoards

    /// Seasons that ended so long ago have left Redis.
    private static let archivedMillis = 2 * BoardDuties.archiveMillis
    /// The most seasons looked at that the store has no scores of.
    private static let recentSeasons = 5_000

    /// Returns how many seasons were in Redis.
    func run() async throws(MemoryStoreError) -> Int {
        var dropped = 0
        var after: String?
        while true {
            let records = try await boards.catalog.list(startingWith: "", after: after, limit: 100)
            for record in records { dropped += try await drop(record) }
            guard records.count == 100, let last = records.last else { return dropped }
            after = last.space.board
        }
    }

    private func drop(_ record: BoardRecord) async throws(MemoryStoreError) -> Int {
        let tables = try await DurableBoardSource(boards: boards, record: record).tables()
        var seasons = Set(tables.compactMap { BoardSpace.parse($0.name)?.season })
        seasons.formUnion(Self.recent(record, at: boards.context.wallClock()))
        var dropped = 0
        for season in seasons {
            let index = try boards.index(record, season)
            if try await index.cursor() != nil { dropped += 1 }
            // Also a part of one, of which some shards are missing.
            try await index.drop()
        }
        return dropped
    }

    /// Seasons that Redis may have and that began after the backup.
    static func recent(_ record: BoardRecord, at now: Int64) -> [Int64] {
        var season = record.calendar.season(at: now)
        var found = [season.id]
        while season.id > max(0, now - archivedMillis), found.count < recentSeasons {
            season = record.calendar.season(at: season.id - 1)
            found.append(season.id)
        }
        return found
    }
}

extension MemoryStore {
    /// Takes the ranks of all boards out of Redis, where they are made anew from the store by their next readers; fast.
    ///
    /// For a store that was put back from a backup, before servers use it again.
    ///
    /// - Returns: How many seasons were in Redis.
    /// - Throws: ``MemoryStoreError``: `unavailable`, `needsStore`; safe to repeat.
    public func dropRanks() async throws(MemoryStoreError) -> Int {
        try await BoardRestore(boards: requireBoards()).run()
    }
}
