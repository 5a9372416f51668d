import HoldfastStorage

/// Removes all that a deleted board had, in the store and in Redis.
///
/// The store keeps a note of it for a while: servers that have not heard of the deletion may bring tables back.
struct BoardRemoval: Sendable {
    /// How long the note stays: servers hear of a deletion within seconds.
    static let noteMillis: Int64 = 600_000

    private let boards: DurableBoards
    private let record: BoardRecord

    init(_ boards: DurableBoards, _ record: BoardRecord) {
        self.boards = boards
        self.record = record
    }

    /// Writes the note; safe to repeat.
    ///
    /// - Throws: ``MemoryStoreError``.
    func note() async throws(MemoryStoreError) {
        let value = try record.encoded(named: true)
        do throws(StoreError) {
            _ = try await boards.durable.store.putDefinition(record.space.removal, value: value, ifVersion: 0)
        } catch {
            throw MemoryStoreError(error)
        }
    }

    /// Removes every season, in Redis first: the store's list is what finds them again; safe to repeat.
    ///
    /// - Throws: ``MemoryStoreError``.
    func sweep() async throws(MemoryStoreError) {
        for table in try await DurableBoardSource(boards: boards, record: record).tables() {
            try await remove(table.name)
        }
        // A season that was read and never had a score is in Redis only.
        try await boards.index(record, record.calendar.season(at: boards.context.wallClock()).id).drop()
        do throws(StoreError) {
            try await boards.durable.store.forget(record.space.announced)
        } catch {
            throw MemoryStoreError(error)
        }
    }

    /// Removes one season.
    ///
    /// - Throws: ``MemoryStoreError``.
    func remove(_ table: SpaceName) async throws(MemoryStoreError) {
        guard let season = BoardSpace.parse(table)?.season else { return }
        try await boards.index(record, season).drop()
        boards.projector.forget(table)
        do throws(StoreError) {
            try await boards.durable.store.dropSpace(table)
        } catch {
            throw MemoryStoreError(error)
        }
    }

    /// Finishes deletions that were noted, and removes notes that are old enough.
    static func finishAll(_ boards: DurableBoards) async throws(MemoryStoreError) {
        let store = boards.durable.store
        do {
            let notes = try await store.definitions(
                startingWith: Array(BoardSpace.removalPrefix.utf8), after: nil, limit: 1_000)
            for note in notes {
                let record = try BoardRecord.decode(note)
                let standing = try await boards.catalog.find(record.space.board).record?.space
                // The note comes before the deletion, which may not have happened.
                if standing != record.space { try await BoardRemoval(boards, record).sweep() }
                if note.updatedAtMillis < boards.context.wallClock() - noteMillis {
                    _ = try await store.putDefinition(note.name, value: nil, ifVersion: note.version)
                }
            }
        } catch let error as StoreError {
            throw MemoryStoreError(error)
        } catch let error as MemoryStoreError {
            throw error
        } catch {
            throw MemoryStoreError(.internalError, "a deleted board could not be removed: \(error)", underlying: error)
        }
    }
}

extension DurableStore {
    /// Removes a definition, whatever its version.
    fileprivate func forget(_ name: SpaceName) async throws(StoreError) {
        guard let standing = try await definition(name) else { return }
        _ = try await putDefinition(name, value: nil, ifVersion: standing.version)
    }
}
