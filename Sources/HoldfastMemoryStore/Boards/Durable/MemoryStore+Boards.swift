extension MemoryStore {
    /// Creates a board, or finds it in place with the same settings; durable.
    ///
    /// - Parameters:
    ///   - name: 1 to 128 bytes of UTF-8 without control characters.
    ///   - settings: What it ranks by, when it resets; fixed from now on.
    /// - Returns: The board, for its current season.
    /// - Throws: ``MemoryStoreError``: `conflict` when it exists with other settings, `badInput`, `unavailable`,
    ///   `needsStore`.
    @discardableResult
    public func createBoard(
        _ name: String, _ settings: BoardSettings = BoardSettings()
    ) async throws(MemoryStoreError) -> Board {
        let boards = try requireBoards()
        return try await Self.board(boards, boards.catalog.create(name, settings))
    }

    /// A board that was created before, for its current season; reads the store.
    ///
    /// The first use of a season by a process waits up to a second for Redis to have all of it.
    ///
    /// - Throws: ``MemoryStoreError``: `notFound`, `badInput`, `unavailable`, `needsStore`.
    public func board(_ name: String) async throws(MemoryStoreError) -> Board {
        let boards = try requireBoards()
        return try await Self.board(boards, boards.catalog.read(name))
    }

    /// The boards of this deployment in the order of their names, with their last and next resets; durable.
    ///
    /// - Parameters:
    ///   - prefix: What the names start with.
    ///   - after: Only names after this one.
    ///   - limit: 1 to 1,000.
    /// - Throws: ``MemoryStoreError``: `badInput`, `unavailable`, `needsStore`.
    public func boards(
        startingWith prefix: String = "", after: String? = nil, limit: Int = 100
    ) async throws(MemoryStoreError) -> [BoardInfo] {
        let boards = try requireBoards()
        let now = context.wallClock()
        return try await boards.catalog.list(startingWith: prefix, after: after, limit: limit).map {
            BoardInfo($0, atMillis: now)
        }
    }

    /// Deletes a board with all its seasons; durable.
    ///
    /// A board that is created under the same name later starts without any scores. Servers that use the deleted one
    /// learn of it within seconds; scores that they submit until then are removed.
    ///
    /// - Returns: False when there is no such board.
    /// - Throws: ``MemoryStoreError``: `unavailable`, `outcomeUnknown` when it is to be repeated, `needsStore`.
    @discardableResult
    public func deleteBoard(_ name: String) async throws(MemoryStoreError) -> Bool {
        let boards = try requireBoards()
        guard let record = try await boards.catalog.find(name).record else { return false }
        let removal = BoardRemoval(boards, record)
        // Whatever is left undone from here on, a server of the fleet finishes it.
        try await removal.note()
        guard try await boards.catalog.delete(record.space) else { return false }
        try await removal.sweep()
        return true
    }

    private static func board(
        _ boards: DurableBoards, _ record: BoardRecord
    ) async throws(MemoryStoreError) -> Board {
        let source = DurableBoardSource(boards: boards, record: record)
        try await boards.catchUp(record, source.season.id)
        return Board(name: record.space.board, rules: record.settings.rules, source: source)
    }
}
