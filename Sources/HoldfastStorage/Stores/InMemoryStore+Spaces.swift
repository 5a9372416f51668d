// Logs, score tables and definitions.

extension InMemoryStore {
    /// See ``DurableStore/entries(of:after:limit:)``.
    public func entries(of log: SpaceName, after sequence: Int64, limit: Int) async throws(StoreError) -> LogPage? {
        try DurableStoreLimits.checkPage(limit)
        let now = now()
        return try withDeployment { state throws(StoreError) in
            state.logs[log]?.page(after: sequence, limit: limit, now)
        }
    }

    /// Looks at every log and sorts what it found.
    public func logs(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try DurableStoreLimits.checkPage(limit)
        let now = now()
        return try withDeployment { state throws(StoreError) in
            Self.page(of: state.logs, startingWith: prefix, after: after, limit: limit).map { name, log in
                SpaceSummary(name: name, generation: log.generation, last: log.lastSequence, count: log.count(now))
            }
        }
    }

    /// See ``DurableStore/scores(of:changedAfter:limit:)``.
    public func scores(
        of table: SpaceName, changedAfter change: Int64, limit: Int
    ) async throws(StoreError) -> ScorePage? {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            state.scores.tables[table]?.page(changedAfter: change, limit: limit)
        }
    }

    /// See ``DurableStore/scores(of:members:)``.
    public func scores(of table: SpaceName, members: [Key]) async throws(StoreError) -> [ScoreRow?] {
        try DurableStoreLimits.checkMembers(members)
        return try withDeployment { state throws(StoreError) in
            members.map { state.scores.tables[table]?.row(of: $0) }
        }
    }

    /// Looks at every score table and sorts what it found.
    public func scoreTables(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            Self.page(of: state.scores.tables, startingWith: prefix, after: after, limit: limit).map { name, table in
                SpaceSummary(
                    name: name, generation: table.counter.generation, last: table.counter.last,
                    count: table.counter.members
                )
            }
        }
    }

    /// See ``DurableStore/dropSpace(_:)``.
    public func dropSpace(_ name: SpaceName) async throws(StoreError) {
        try withDeployment { state throws(StoreError) in
            state.logs[name] = nil
            state.scores.drop(name)
        }
    }

    /// See ``DurableStore/definition(_:)``.
    public func definition(_ name: SpaceName) async throws(StoreError) -> Definition? {
        try withDeployment { state throws(StoreError) in Self.definition(name, state) }
    }

    /// Looks at every definition and sorts what it found.
    public func definitions(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [Definition] {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            let standing = state.definitions.filter { $0.value.value != nil }
            return Self.page(of: standing, startingWith: prefix, after: after, limit: limit).compactMap { name, _ in
                Self.definition(name, state)
            }
        }
    }

    /// See ``DurableStore/putDefinition(_:value:ifVersion:)``.
    public func putDefinition(
        _ name: SpaceName, value: [UInt8]?, ifVersion version: Int64
    ) async throws(StoreError) -> DefinitionOutcome {
        try Definition.validate(value, ifVersion: version)
        let now = now()
        return try withDeployment { state throws(StoreError) in
            let standing = Self.definition(name, state)
            guard standing?.version ?? 0 == version else { return .conflict(standing) }
            if value == nil, standing == nil { return .stored(version: 0) }
            let next = (state.definitions[name]?.version ?? 0) + 1
            state.definitions[name] = (next, value, now)
            return .stored(version: value == nil ? 0 : next)
        }
    }

    private static func definition(_ name: SpaceName, _ state: State) -> Definition? {
        guard let row = state.definitions[name], let value = row.value else { return nil }
        return Definition(name: name, version: row.version, value: value, updatedAtMillis: row.updatedAtMillis)
    }

    private static func page<Value>(
        of spaces: [SpaceName: Value], startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) -> ArraySlice<(key: SpaceName, value: Value)> {
        spaces.filter { name, _ in name.bytes.starts(with: prefix) && after.map { $0 < name } ?? true }
            .sorted { $0.key < $1.key }.prefix(limit)
    }
}
