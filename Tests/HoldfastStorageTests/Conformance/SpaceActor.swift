import HoldfastStorage

// What tests of logs, score tables and definitions ask of a store.

extension DurableStore {
    func append(
        _ entries: [AppendRequest.Entry], to log: SpaceName, limit: Int? = nil
    ) async throws -> AppendOutcome {
        let request = AppendRequest(log: log, entries: entries, limit: limit)
        guard case .append(let outcome)? = try await execute([.append(request)]).first else { throw Unexpected() }
        return outcome
    }

    func trim(_ log: SpaceName, _ which: TrimRequest.Which) async throws -> Int {
        guard case .trim(let count)? = try await execute([.trim(TrimRequest(log: log, which: which))]).first else {
            throw Unexpected()
        }
        return count
    }

    func submit(_ submissions: [ScoreSubmission], id: RandomID = .random()) async throws -> ScoreBatchOutcome {
        let batch = ScoreBatch(id: id, submissions: submissions)
        guard case .submit(let outcome)? = try await execute([.submit(batch)]).first else { throw Unexpected() }
        return outcome
    }

    /// One submission in a batch of its own.
    func submit(_ submission: ScoreSubmission) async throws -> ScoreOutcome {
        try await submit([submission]).outcomes[0]
    }

    /// ``DurableStore/entries(of:after:limit:)``, with errors of any type as `#expect` wants them.
    func page(of log: SpaceName, after sequence: Int64 = 0, limit: Int = 10) async throws -> LogPage? {
        try await entries(of: log, after: sequence, limit: limit)
    }

    func page(of table: SpaceName, changedAfter change: Int64, limit: Int = 10) async throws -> ScorePage? {
        try await scores(of: table, changedAfter: change, limit: limit)
    }

    func rows(of members: String..., in table: SpaceName) async throws -> [ScoreRow?] {
        try await scores(of: table, members: try members.map { try Key($0) })
    }

    func logs(_ prefix: String = "", after: SpaceName? = nil, limit: Int = 10) async throws -> [SpaceSummary] {
        try await logs(startingWith: Array(prefix.utf8), after: after, limit: limit)
    }

    func tables(_ prefix: String = "") async throws -> [SpaceSummary] {
        try await scoreTables(startingWith: Array(prefix.utf8), after: nil, limit: 10)
    }

    func put(_ name: SpaceName, _ value: [UInt8]?, over version: Int64) async throws -> DefinitionOutcome {
        try await putDefinition(name, value: value, ifVersion: version)
    }

    func find(_ name: SpaceName) async throws -> Definition? {
        try await definition(name)
    }

    /// Every row of a table in order of change, read page by page.
    func allScores(of table: SpaceName, page: Int = 1_000) async throws -> [ScoreRow] {
        var rows: [ScoreRow] = []
        while let part = try await scores(of: table, changedAfter: rows.last?.change ?? 0, limit: page) {
            rows += part.rows
            if part.rows.count < page { break }
        }
        return rows
    }
}

/// An entry with a value of its own.
func entry(_ text: String = "x", id: RandomID = .random(), ttl: Int64? = nil) -> AppendRequest.Entry {
    AppendRequest.Entry(id: id, value: Array(text.utf8), priority: 0.5, timeToLiveMillis: ttl)
}

/// A submission of one score.
func score(
    _ member: String, _ score: Int64, _ subscore: Int64 = 0, in table: SpaceName, rule: ScoreRule = ScoreRule(),
    metadata: String? = nil, conditions: ScoreSubmission.Conditions = .init(), version: Int64? = nil
) throws -> ScoreSubmission {
    ScoreSubmission(
        table: table, member: try Key(member), action: .submit(score: score, subscore: subscore, rule: rule),
        metadata: metadata.map { Array($0.utf8) }, conditions: conditions, recordVersion: version)
}

/// A submission that removes a member.
func removal(_ member: String, in table: SpaceName, version: Int64? = nil) throws -> ScoreSubmission {
    ScoreSubmission(table: table, member: try Key(member), action: .remove, recordVersion: version)
}

extension AppendOutcome {
    var sequences: [Int64]? {
        if case .appended(_, let sequences) = self { sequences } else { nil }
    }

    var generation: RandomID? {
        if case .appended(let generation, _) = self { generation } else { nil }
    }
}

extension ScoreOutcome {
    var row: ScoreRow? {
        if case .accepted(let row, _) = self { row } else { nil }
    }

    var refusal: Refusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}
