import HoldfastStorage
import Synchronization

/// The boards that the store defines, as this process knows them.
///
/// A board that was read once is answered from memory; ``refresh()`` keeps that up to date.
final class BoardCatalog: Sendable {
    private struct Known {
        let record: BoardRecord
        var season: Season
    }

    private let store: any DurableStore
    private let wallClock: @Sendable () -> Int64
    private let known = Mutex<[String: Known]>([:])
    /// Names that are looked for again although there is no such board.
    private let followed = Mutex<Set<String>>([])

    init(_ store: any DurableStore, wallClock: @escaping @Sendable () -> Int64) {
        self.store = store
        self.wallClock = wallClock
    }

    // MARK: - Knowing

    /// The board, as the store has it now.
    ///
    /// - Throws: ``MemoryStoreError``: `notFound`, `badInput`, `unavailable`, `corrupt`.
    func read(_ name: String) async throws(MemoryStoreError) -> BoardRecord {
        guard let record = try await find(name).record else {
            known.withLock { $0[name] = nil }
            throw MemoryStoreError(.notFound, "there is no board \(name.debugDescription); create it first")
        }
        remember(record)
        return record
    }

    /// Reads a board and looks for it again with every ``refresh()``, also after it was deleted.
    ///
    /// - Throws: ``MemoryStoreError`` as ``read(_:)``.
    func follow(_ name: String) async throws(MemoryStoreError) -> BoardRecord {
        let record = try await read(name)
        _ = followed.withLock { $0.insert(name) }
        return record
    }

    /// The board of that name, where this process knows one.
    func record(named name: String) -> BoardRecord? { known.withLock { $0[name]?.record } }

    /// Whether this board is still the one of its name, as far as this process knows.
    ///
    /// - Throws: ``MemoryStoreError`` with code `notFound`.
    func check(_ space: BoardSpace) throws(MemoryStoreError) {
        guard known.withLock({ $0[space.board]?.record.space.generation }) == space.generation else {
            throw MemoryStoreError(
                .notFound, "board \(space.board.debugDescription) was deleted, or made anew: ask for it again")
        }
    }

    /// The board of that name and generation, where this process knows it.
    func record(of space: BoardSpace) -> BoardRecord? {
        known.withLock { known in
            known[space.board].flatMap { $0.record.space == space ? $0.record : nil }
        }
    }

    /// All that this process knows.
    var records: [BoardRecord] { known.withLock { $0.values.map(\.record) } }

    /// The current season; cheaper than the calendar's.
    func season(of record: BoardRecord) -> Season {
        let now = wallClock()
        return known.withLock { known in
            if let season = known[record.space.board]?.season, known[record.space.board]?.record.space == record.space,
                season.id <= now, now < season.endsAtMillis ?? .max
            {
                return season
            }
            let season = record.calendar.season(at: now)
            if known[record.space.board]?.record.space == record.space { known[record.space.board]?.season = season }
            return season
        }
    }

    /// Reads every known board again; one that cannot be read stays as it is known.
    func refresh() async {
        for name in known.withLock({ Set($0.keys) }).union(followed.withLock { $0 }) {
            guard let found = try? await find(name) else { continue }
            if let record = found.record { remember(record) } else { known.withLock { $0[name] = nil } }
        }
    }

    private func remember(_ record: BoardRecord) {
        let now = wallClock()
        known.withLock { known in
            if known[record.space.board]?.record == record { return }
            known[record.space.board] = Known(record: record, season: record.calendar.season(at: now))
        }
    }

    /// The board of that name with the version of its definition, as the store has it now.
    ///
    /// - Throws: ``MemoryStoreError``.
    func find(_ name: String) async throws(MemoryStoreError) -> (record: BoardRecord?, version: Int64) {
        try BoardName.check(name)
        let definition: Definition?
        do throws(StoreError) {
            definition = try await store.definition(BoardSpace.definition(of: name))
        } catch {
            throw MemoryStoreError(error)
        }
        guard let definition else { return (nil, 0) }
        return (try BoardRecord.decode(definition), definition.version)
    }

    // MARK: - Changing

    /// Creates a board, or finds it in place with the same settings.
    ///
    /// - Throws: ``MemoryStoreError``: `conflict` when it exists with others, `badInput`, `unavailable`.
    func create(_ name: String, _ settings: BoardSettings) async throws(MemoryStoreError) -> BoardRecord {
        try BoardName.check(name)
        try settings.check()
        let space = BoardSpace(board: name, generation: .random())
        let fresh = BoardRecord(space: space, settings: settings, createdAtMillis: wallClock())
        let value = try fresh.encoded()
        // A lost answer is settled by the second look: our own write is then in place.
        for _ in 0..<2 {
            let outcome: DefinitionOutcome
            do throws(StoreError) {
                outcome = try await store.putDefinition(BoardSpace.definition(of: name), value: value, ifVersion: 0)
            } catch {
                guard error.isAmbiguous else { throw MemoryStoreError(error) }
                continue
            }
            let record: BoardRecord
            switch outcome {
            case .stored, .conflict(nil): record = fresh
            case .conflict(let standing?): record = try BoardRecord.decode(standing)
            }
            let differences = record.settings.differences(from: settings)
            guard differences.isEmpty else {
                throw MemoryStoreError(
                    .conflict,
                    "board \(name.debugDescription) exists with other \(differences.joined(separator: ", "))")
            }
            remember(record)
            return record
        }
        throw MemoryStoreError(.outcomeUnknown, "the store did not say whether the board was created; try again")
    }

    /// Removes the definition of a board; false when the name stands for none, or for another one, by now.
    ///
    /// - Throws: ``MemoryStoreError``.
    func delete(_ space: BoardSpace) async throws(MemoryStoreError) -> Bool {
        let found = try await find(space.board)
        guard found.record?.space == space else { return false }
        let outcome: DefinitionOutcome
        do throws(StoreError) {
            outcome = try await store.putDefinition(
                BoardSpace.definition(of: space.board), value: nil, ifVersion: found.version)
        } catch {
            throw MemoryStoreError(error)
        }
        known.withLock { $0[space.board] = nil }
        // Definitions of boards are written once: whoever came first removed it.
        if case .stored = outcome { return true } else { return false }
    }

    /// Boards in the order of their names.
    ///
    /// - Throws: ``MemoryStoreError``: `badInput` for a limit outside 1 to 1,000, `unavailable`, `corrupt`.
    func list(
        startingWith prefix: String, after: String?, limit: Int
    ) async throws(MemoryStoreError) -> [BoardRecord] {
        if let after { try BoardName.check(after) }
        let definitions: [Definition]
        do throws(StoreError) {
            definitions = try await store.definitions(
                startingWith: Array("\(BoardSpace.prefix)\(prefix)".utf8), after: after.map(BoardSpace.definition),
                limit: limit)
        } catch {
            throw MemoryStoreError(error)
        }
        var records: [BoardRecord] = []
        for definition in definitions { records.append(try BoardRecord.decode(definition)) }
        return records
    }
}
