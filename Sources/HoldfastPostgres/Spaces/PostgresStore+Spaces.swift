public import HoldfastStorage

// Logs, score tables and definitions.

extension PostgresStore {
    /// Rows of dropped spaces that one transaction removes.
    private static let purgedAtOnce: Int64 = 5_000

    /// Reads the counter and the entries in one statement.
    public func entries(of log: SpaceName, after sequence: Int64, limit: Int) async throws(StoreError) -> LogPage? {
        try DurableStoreLimits.checkPage(limit)
        let result = try await query(
            SQL.entries,
            try await scoped(for: .spaces) { parameters in
                parameters.add(log.bytes)
                parameters.add(sequence)
                parameters.add(Int64(limit))
            })
        guard let first = result.first else { return nil }
        var entries: [LogEntry] = []
        for row in result.rows {
            guard let id = try row.optionalID(2) else { continue }
            entries.append(
                LogEntry(
                    id: id, sequence: try row.integer(3), value: try row.bytes(4), priority: try row.double(5),
                    createdAtMillis: try row.integer(6), expiresAtMillis: try row.optionalInteger(7)))
        }
        return LogPage(
            generation: try first.id(0), entries: entries, lastSequence: try first.integer(1))
    }

    /// Lists logs from the index of their names; counts the expired entries of each.
    public func logs(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try await summaries(.log, startingWith: prefix, after: after, limit: limit)
    }

    /// Reads the counter and the rows in one statement.
    public func scores(
        of table: SpaceName, changedAfter change: Int64, limit: Int
    ) async throws(StoreError) -> ScorePage? {
        try DurableStoreLimits.checkPage(limit)
        let result = try await query(
            SQL.scoresByChange,
            try await scoped(for: .spaces) { parameters in
                parameters.add(table.bytes)
                parameters.add(change)
                parameters.add(Int64(limit))
            })
        guard let first = result.first else { return nil }
        var rows: [ScoreRow] = []
        for row in result.rows where row.optionalBytes(2) != nil { rows.append(try row.score(at: 2)) }
        return ScorePage(generation: try first.id(0), rows: rows, lastChange: try first.integer(1))
    }

    /// Reads all of them in one statement.
    public func scores(of table: SpaceName, members: [Key]) async throws(StoreError) -> [ScoreRow?] {
        try DurableStoreLimits.checkMembers(members)
        let result = try await query(
            SQL.scoresByMember,
            try await scoped(for: .spaces) { parameters in
                parameters.add(table.bytes)
                parameters.add(integers: members.indices.map { Int64($0) })
                parameters.add(blobs: members.map(\.bytes))
            })
        var found = [ScoreRow?](repeating: nil, count: members.count)
        for row in result.rows { found[Int(try row.integer(0))] = try row.score(at: 1) }
        return found
    }

    /// Lists score tables from the index of their names.
    public func scoreTables(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try await summaries(.scores, startingWith: prefix, after: after, limit: limit)
    }

    /// Frees the name at once, then removes the rows in short transactions; durable.
    ///
    /// What is not removed within the call's time is left to later drops and writers.
    public func dropSpace(_ name: SpaceName) async throws(StoreError) {
        let deadline = ContinuousClock.now + callTimeout / 2
        let parameters = try await scoped(for: .spaces) { $0.add(name.bytes) }
        _ = try await transact([Statement(SQL.dropSpace, parameters)])
        let sweep = Statement(SQL.sweep, SpaceTransaction.sweeping(rows: Self.purgedAtOnce))
        while ContinuousClock.now < deadline {
            guard try await transact([sweep]).first?.first?.flag(0) == true else { return }
        }
    }

    /// Reads one definition.
    public func definition(_ name: SpaceName) async throws(StoreError) -> Definition? {
        let parameters = try await scoped(for: .spaces) { $0.add(name.bytes) }
        return try await query(SQL.definition, parameters).first?.definition()
    }

    /// Lists definitions by a range of their key.
    public func definitions(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [Definition] {
        try DurableStoreLimits.checkPage(limit)
        let parameters = try await scoped(for: .spaces) { parameters in
            parameters.add(prefix)
            parameters.add(Self.end(of: prefix))
            parameters.add(after?.bytes ?? [])
            parameters.add(Int64(limit))
        }
        var list: [Definition] = []
        for row in try await query(SQL.definitions, parameters).rows { list.append(try row.definition()) }
        return list
    }

    /// Compares and writes in one statement; durable.
    public func putDefinition(
        _ name: SpaceName, value: [UInt8]?, ifVersion version: Int64
    ) async throws(StoreError) -> DefinitionOutcome {
        try Definition.validate(value, ifVersion: version)
        let naming = try await scoped(for: .spaces) { $0.add(name.bytes) }
        var writing = naming
        writing.add(value)
        var statements: [Statement] = []
        if version > 0 {
            writing.add(version)
            statements.append(Statement(SQL.updateDefinition, writing))
        } else if value != nil {
            statements.append(Statement(SQL.insertDefinition, writing))
        }
        statements.append(Statement(SQL.definition, naming))
        let results = try await transact(statements)
        if results.count == 2, let written = results[0].first {
            return .stored(version: value == nil ? 0 : try written.integer(0))
        }
        let standing = try results.last?.first?.definition()
        return version == 0 && value == nil && standing == nil ? .stored(version: 0) : .conflict(standing)
    }

    private func summaries(
        _ kind: SpaceTransaction.Kind, startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try DurableStoreLimits.checkPage(limit)
        let parameters = try await scoped(for: .spaces) { parameters in
            parameters.add(kind.rawValue)
            parameters.add(prefix)
            parameters.add(Self.end(of: prefix))
            parameters.add(after?.bytes ?? [])
            parameters.add(Int64(limit))
        }
        var list: [SpaceSummary] = []
        for row in try await query(SQL.spaces, parameters).rows {
            list.append(
                SpaceSummary(
                    name: try SpaceName(bytes: try row.bytes(0)), generation: try row.id(1),
                    last: try row.integer(2), count: Int(try row.integer(3))))
        }
        return list
    }
}

extension QueryResult.Row {
    func id(_ column: Int32) throws(StoreError) -> RandomID {
        guard let id = try optionalID(column) else {
            throw StoreError(.corrupt, "a stored row has no id where every build writes one")
        }
        return id
    }

    /// The columns of a score.
    func score(at column: Int32) throws(StoreError) -> ScoreRow {
        ScoreRow(
            member: try Key(bytes: try bytes(column)), score: try integer(column + 1),
            subscore: try integer(column + 2), submissions: try integer(column + 3), change: try integer(column + 4),
            reached: try integer(column + 5), metadata: optionalBytes(column + 6),
            updatedAtMillis: try integer(column + 7), isRemoved: try integer(column + 8) != 0)
    }

    /// The columns of a definition that stands.
    func definition() throws(StoreError) -> Definition {
        Definition(
            name: try SpaceName(bytes: try bytes(0)), version: try integer(1), value: try bytes(3),
            updatedAtMillis: try integer(2))
    }
}
