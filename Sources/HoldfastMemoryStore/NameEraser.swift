import HoldfastStorage

/// Removes what boards and notification boxes hold under some names.
struct NameEraser: Sendable {
    let memory: MemoryStore
    let names: [Key]
    /// Whether to remove it, or only to count.
    let removes: Bool

    /// - Throws: ``MemoryStoreError``; safe to repeat.
    func run() async throws(MemoryStoreError) -> ErasedScores {
        var erased = ErasedScores()
        var after: String?
        while true {
            let page = try await memory.boards(after: after, limit: 100)
            for board in page {
                let count = try await scores(of: board.name)
                guard count > 0 else { continue }
                erased.scores += count
                erased.boards.append(board.name)
            }
            guard page.count == 100, let last = page.last else { break }
            after = last.name
        }
        for name in names { erased.notifications += try await notifications(of: name) }
        return erased
    }

    /// All seasons of one board.
    private func scores(of name: String) async throws(MemoryStoreError) -> Int {
        let board: Board
        do throws(MemoryStoreError) {
            board = try await memory.board(name)
        } catch {
            // Deleted a moment ago, with all its scores.
            guard error.code == .notFound else { throw error }
            return 0
        }
        let source = try board.requireDurable()
        var count = 0
        for table in try await source.tables() {
            guard let season = BoardSpace.parse(table.name)?.season else { continue }
            let found = try await members(of: table.name, source.boards.durable.store)
            guard !found.isEmpty else { continue }
            count += found.count
            guard removes else { continue }
            let seasoned = try await board.season(season)
            for start in stride(from: 0, to: found.count, by: BoardSubmission.maximumCount) {
                try await seasoned.remove(Array(found[start...].prefix(BoardSubmission.maximumCount)))
            }
        }
        return count
    }

    /// Those of the names that have a score in a table.
    private func members(of table: SpaceName, _ store: any DurableStore) async throws(MemoryStoreError) -> [Key] {
        do throws(StoreError) {
            var found: [Key] = []
            for start in stride(from: 0, to: names.count, by: DurableStoreLimits.page) {
                let asked = Array(names[start...].prefix(DurableStoreLimits.page))
                let rows = try await store.scores(of: table, members: asked)
                for (name, row) in zip(asked, rows) where row != nil { found.append(name) }
            }
            return found
        } catch {
            throw MemoryStoreError(error)
        }
    }

    private func notifications(of name: Key) async throws(MemoryStoreError) -> Int {
        let box = try NotificationBox(memory.context.requireDurable(), player: name.description)
        do throws(StoreError) {
            let store = box.durable.store
            let count = try await store.entries(of: box.notes, after: 0, limit: 1_000)?.entries.count ?? 0
            guard removes else { return count }
            for log in [box.notes, box.marks] { try await store.dropSpace(log) }
            return count
        } catch {
            throw MemoryStoreError(error)
        }
    }
}
