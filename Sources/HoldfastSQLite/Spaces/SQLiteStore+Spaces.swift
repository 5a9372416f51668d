import Foundation
import GRDB
import HoldfastStorage

// Logs, score tables and definitions.

extension SQLiteStore {
    /// Reads the counter and the entries in one read transaction.
    public func entries(of log: SpaceName, after sequence: Int64, limit: Int) async throws(StoreError) -> LogPage? {
        try DurableStoreLimits.checkPage(limit)
        let deployment = try await number(for: .spaces)
        let now = WallClock.milliseconds()
        return try await read { database in
            guard let space = try SpaceCounters.read(.log, log, deployment, database) else { return nil }
            let entries = try database.all(Statements.entries, [space.number, sequence, now, limit]) { row in
                LogEntry(
                    id: try row.randomID(), sequence: try row.int64(), value: try row.bytes(),
                    priority: try row.double(), createdAtMillis: try row.int64(),
                    expiresAtMillis: try row.optionalInt64())
            }
            return LogPage(generation: space.generation, entries: entries, lastSequence: space.last)
        }
    }

    /// Lists logs from the index of their names; counts the expired entries of each.
    public func logs(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try await summaries(.log, startingWith: prefix, after: after, limit: limit)
    }

    /// Reads the counter and the rows in one read transaction.
    public func scores(
        of table: SpaceName, changedAfter change: Int64, limit: Int
    ) async throws(StoreError) -> ScorePage? {
        try DurableStoreLimits.checkPage(limit)
        let deployment = try await number(for: .spaces)
        return try await read { database in
            guard let space = try SpaceCounters.read(.scores, table, deployment, database) else { return nil }
            let rows = try database.all(Statements.scoresByChange, [space.number, change, limit]) { try $0.score() }
            return ScorePage(generation: space.generation, rows: rows, lastChange: space.last)
        }
    }

    /// Runs one query a member, all in one read transaction.
    public func scores(of table: SpaceName, members: [Key]) async throws(StoreError) -> [ScoreRow?] {
        try DurableStoreLimits.checkMembers(members)
        let deployment = try await number(for: .spaces)
        return try await read { database in
            guard let space = try SpaceCounters.read(.scores, table, deployment, database) else {
                return members.map { _ in nil }
            }
            return try members.map { member in
                let row = try database.first(Statements.score, [space.number, Data(member.bytes)]) { try $0.score() }
                return row.flatMap { $0.isRemoved ? nil : $0 }
            }
        }
    }

    /// Lists score tables from the index of their names.
    public func scoreTables(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try await summaries(.scores, startingWith: prefix, after: after, limit: limit)
    }

    /// Frees the name at once, then removes the rows in short transactions; durable.
    ///
    /// What is not removed within the busy timeout is left to later drops and writers.
    public func dropSpace(_ name: SpaceName) async throws(StoreError) {
        let deployment = try await number(for: .spaces)
        _ = try await transaction(.immediate) { database in
            try database.run(Statements.dropSpace, [deployment, Data(name.bytes)])
        }
        let deadline = ContinuousClock.now + busyTimeout
        while ContinuousClock.now < deadline {
            let more = try await transaction(.immediate) { database in
                try SpacePurge.step(in: database, rows: SpacePurge.rowsOfAStep)
            }
            guard more else { return }
        }
    }

    /// Reads one definition.
    public func definition(_ name: SpaceName) async throws(StoreError) -> Definition? {
        let deployment = try await number(for: .spaces)
        return try await read { database in try Self.definition(name, deployment, database) }
    }

    /// Lists definitions by a range of their key.
    public func definitions(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [Definition] {
        try DurableStoreLimits.checkPage(limit)
        let deployment = try await number(for: .spaces)
        let (isAfter, first) = Self.start(prefix, after)
        return try await read { database in
            try database.all(
                isAfter ? Statements.definitionsAfter : Statements.definitionsFrom,
                [deployment, Data(first), Data(Self.end(of: prefix)), limit]
            ) { row in
                guard let definition = try row.definition() else { throw row.unexpected() }
                return definition
            }
        }
    }

    /// Compares and writes in one immediate transaction; durable.
    public func putDefinition(
        _ name: SpaceName, value: [UInt8]?, ifVersion version: Int64
    ) async throws(StoreError) -> DefinitionOutcome {
        try Definition.validate(value, ifVersion: version)
        let deployment = try await number(for: .spaces)
        let now = WallClock.milliseconds()
        return try await transaction(.immediate) { database in
            let standing = try Self.definition(name, deployment, database)
            guard standing?.version ?? 0 == version else { return .conflict(standing) }
            if value == nil, standing == nil { return .stored(version: 0) }
            let written = try database.first(
                Statements.putDefinition, [deployment, Data(name.bytes), now, value.map { Data($0) }]
            ) { try $0.int64() }
            return .stored(version: value == nil ? 0 : written ?? 0)
        }
    }

    private static func definition(
        _ name: SpaceName, _ deployment: Int64, _ database: Database
    ) throws -> Definition? {
        try database.first(Statements.definition, [deployment, Data(name.bytes)]) { try $0.definition() } ?? nil
    }

    private func summaries(
        _ kind: SpaceCounters.Kind, startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try DurableStoreLimits.checkPage(limit)
        let deployment = try await number(for: .spaces)
        let now = WallClock.milliseconds()
        let (isAfter, first) = Self.start(prefix, after)
        return try await read { database in
            try database.all(
                isAfter ? Statements.spacesAfter : Statements.spacesFrom,
                [now, deployment, kind.rawValue, Data(first), Data(Self.end(of: prefix)), limit]
            ) { row in
                SpaceSummary(
                    name: try row.spaceName(), generation: try row.randomID(), last: try row.int64(),
                    count: try row.int())
            }
        }
    }

    /// Where a listing begins: behind a name, or with the prefix itself.
    private static func start(_ prefix: [UInt8], _ after: SpaceName?) -> (isAfter: Bool, first: [UInt8]) {
        guard let after, !after.bytes.lexicographicallyPrecedes(prefix) else { return (false, prefix) }
        return (true, after.bytes)
    }
}

extension RowReader {
    mutating func spaceName() throws -> SpaceName {
        guard let name = try? SpaceName(bytes: try bytes()) else { throw unexpected() }
        return name
    }

    /// The columns of ``Statements/score``.
    mutating func score() throws -> ScoreRow {
        guard let member = try? Key(bytes: try bytes()) else { throw unexpected() }
        return ScoreRow(
            member: member, score: try int64(), subscore: try int64(), submissions: try int64(), change: try int64(),
            reached: try int64(), metadata: try optionalBytes(), updatedAtMillis: try int64(),
            isRemoved: try int64() != 0)
    }

    /// The columns of ``Statements/definition``; nil for one that was removed.
    mutating func definition() throws -> Definition? {
        let (name, version, updatedAt) = (try spaceName(), try int64(), try int64())
        return try optionalBytes().map { value in
            Definition(name: name, version: version, value: value, updatedAtMillis: updatedAt)
        }
    }
}
