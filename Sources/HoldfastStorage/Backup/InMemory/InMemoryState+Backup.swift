// The rows of an in-memory store as a backup has them, and back.

extension InMemoryStore.State {
    /// A log or a score table of the rows that are being added.
    enum Space {
        case log(SpaceName)
        case scores(SpaceName)
    }

    private enum Kind {
        static let log: Int64 = 1, scores: Int64 = 2
    }

    // MARK: - Out

    /// Every row, in the order of ``BackupTable``.
    func backupRows() -> [BackupRow] {
        var rows = erasures.map { BackupRow(.erasure, [.blob($0.key), .integer($0.value)]) }
        rows += records.backupRows()
        rows += decisions.map { trade, verdict in
            BackupRow(.decision, [.blob(trade.bytes), .text(verdict.rawValue), .integer(0)])
        }
        var content: [BackupRow] = []
        var number: Int64 = 0
        for (name, log) in logs {
            number += 1
            rows.append(
                Self.space(number, Kind.log, name, log.generation, last: log.lastSequence, count: log.rows.count))
            content += log.rows.map { Self.row($0, in: number) }
        }
        var members: [BackupRow] = []
        for (name, table) in scores.tables {
            number += 1
            let counter = table.counter
            rows.append(
                Self.space(number, Kind.scores, name, counter.generation, last: counter.last, count: counter.members))
            members += table.allRows.map { Self.row($0, in: number) }
        }
        rows += content + members + scores.batchRows()
        rows += definitions.map { name, definition in
            BackupRow(
                .definition,
                [
                    .blob(name.bytes), .integer(definition.version), .integer(definition.updatedAtMillis),
                    BackupValue(definition.value),
                ])
        }
        return rows
    }

    private static func space(
        _ number: Int64, _ kind: Int64, _ name: SpaceName, _ generation: RandomID, last: Int64, count: Int
    ) -> BackupRow {
        BackupRow(
            .space,
            [
                .integer(number), .integer(kind), .blob(name.bytes), .blob(generation.bytes), .integer(last),
                .integer(Int64(count)),
            ])
    }

    private static func row(_ entry: LogEntry, in number: Int64) -> BackupRow {
        BackupRow(
            .entry,
            [
                .integer(number), .integer(entry.sequence), .blob(entry.id.bytes), .real(entry.priority),
                .integer(entry.createdAtMillis), BackupValue(entry.expiresAtMillis), .blob(entry.value),
            ])
    }

    private static func row(_ stored: ScoreCounter.Row, in number: Int64) -> BackupRow {
        let row = stored.row
        return BackupRow(
            .score,
            [
                .integer(number), .blob(row.member.bytes), .integer(row.score), .integer(row.subscore),
                .integer(row.submissions), .integer(row.change), .integer(row.reached),
                BackupValue(stored.recordVersion), .integer(row.updatedAtMillis), .integer(row.isRemoved ? 1 : 0),
                BackupValue(row.metadata),
            ])
    }

    // MARK: - In

    /// Adds a row that was validated.
    mutating func add(_ row: BackupRow, _ spaces: inout [Int64: Space]) throws(StoreError) {
        switch row.table {
        case .erasure:
            let user = try row.bytes("user_id")
            if erasures[user] == nil { erasures[user] = try row.integer("remembered_at") }
        case .record, .part, .history, .operation: try records.add(row)
        case .decision:
            guard let verdict = Decision.Verdict(rawValue: try row.text("verdict")) else {
                throw BackupRow.corrupt(.decision, "has no verdict")
            }
            decisions[try row.id("trade")] = verdict
        case .space: try addSpace(row, &spaces)
        case .entry:
            guard case .log(let name)? = spaces[try row.integer("space")] else {
                throw BackupRow.corrupt(.entry, "belongs to no log")
            }
            logs[name]?.add(
                LogEntry(
                    id: try row.id("id"), sequence: try row.integer("sequence"), value: try row.bytes("value"),
                    priority: try row.real("priority"), createdAtMillis: try row.integer("created_at"),
                    expiresAtMillis: row.optionalInteger("expires_at")))
        case .score:
            guard case .scores(let name)? = spaces[try row.integer("space")] else {
                throw BackupRow.corrupt(.score, "belongs to no score table")
            }
            scores.add(try Self.score(row), to: name)
        case .batch: try scores.addBatch(row)
        case .definition:
            definitions[try SpaceName(bytes: try row.bytes("name"))] = (
                try row.integer("version"), row.optionalBytes("value"), try row.integer("updated_at")
            )
        }
    }

    private mutating func addSpace(_ row: BackupRow, _ spaces: inout [Int64: Space]) throws(StoreError) {
        let (number, name) = (try row.integer("number"), try SpaceName(bytes: try row.bytes("name")))
        let (generation, last) = (try row.id("generation"), try row.integer("last"))
        switch try row.integer("kind") {
        case Kind.log:
            logs[name] = InMemoryLog(generation: generation, lastSequence: last)
            spaces[number] = .log(name)
        case Kind.scores:
            let count = Int(try row.integer("count"))
            scores.open(name, ScoreCounter(generation: generation, last: last, members: count))
            spaces[number] = .scores(name)
        default: throw BackupRow.corrupt(.space, "is neither a log nor a score table")
        }
    }

    private static func score(_ row: BackupRow) throws(StoreError) -> ScoreCounter.Row {
        ScoreCounter.Row(
            ScoreRow(
                member: try Key(bytes: try row.bytes("member")), score: try row.integer("score"),
                subscore: try row.integer("subscore"), submissions: try row.integer("submissions"),
                change: try row.integer("change"), reached: try row.integer("reached"),
                metadata: row.optionalBytes("metadata"), updatedAtMillis: try row.integer("updated_at"),
                isRemoved: try row.integer("removed") != 0),
            recordVersion: row.optionalInteger("record_version"))
    }
}
