import GRDB
import HoldfastStorage

/// The score batches and projections of one group, inside its transaction.
///
/// Reads a row, asks the shared rules and writes it, in a loop over three prepared statements.
final class ScoreTransaction {
    private let database: Database
    private let deployment: Int64
    private let counters: SpaceCounters
    private let now: Int64
    private let select: HotStatement
    private let insert: HotStatement
    private let update: HotStatement

    init(_ database: Database, deployment: Int64, counters: SpaceCounters) throws {
        self.database = database
        self.deployment = deployment
        self.counters = counters
        // Read under the write lock: whoever finds that a window has closed knows that nothing follows within it.
        self.now = WallClock.milliseconds()
        self.select = try HotStatement(Statements.score, in: database)
        self.insert = try HotStatement(Statements.insertScore, in: database)
        self.update = try HotStatement(Statements.updateScore, in: database)
    }

    func submit(_ batch: ScoreBatch) throws -> ScoreBatchOutcome {
        // In order of name, so that equal histories number their spaces equally.
        var tables: [SpaceName: SpaceCounters.Space] = [:]
        for name in Set(batch.submissions.map(\.table)).sorted() { tables[name] = try counters.open(.scores, name) }
        let generations = tables.mapValues(\.generation)
        if let refusals = try refusals(of: batch.id) {
            let outcomes = try batch.submissions.enumerated().map { index, submission in
                let stored = try tables[submission.table].flatMap { try row(of: submission.member, in: $0) }
                return submission.standing(refusal: refusals[index], stored: stored?.row)
            }
            return ScoreBatchOutcome(outcomes: outcomes, generations: generations, changes: [:])
        }
        let before = tables.mapValues(\.last)
        let outcomes = try batch.submissions.map { try apply($0, to: tables[$0.table]) }
        try remember(batch.id, outcomes)
        var changes: [SpaceName: ClosedRange<Int64>] = [:]
        for (name, last) in before {
            if let now = tables[name]?.last, now > last { changes[name] = last + 1...now }
        }
        return ScoreBatchOutcome(outcomes: outcomes, generations: generations, changes: changes)
    }

    func project(_ submission: ScoreSubmission) throws {
        _ = try apply(submission, to: try counters.open(.scores, submission.table))
    }

    // MARK: - Rows

    private func apply(_ submission: ScoreSubmission, to table: SpaceCounters.Space?) throws -> ScoreOutcome {
        guard let table else { throw StoreError(.internalError, "a score table was not opened") }
        let stored = try row(of: submission.member, in: table)
        switch table.counter.decide(submission, stored: stored, now: now) {
        case .pass(let outcome): return outcome
        case .write(let row, let outcome):
            try write(row, to: table, with: stored == nil ? insert : update)
            return outcome
        }
    }

    private func row(of member: Key, in table: SpaceCounters.Space) throws -> ScoreCounter.Row? {
        select.bind(table.number, at: 1)
        return try select.withBytes(member.bytes, at: 2) {
            try select.first { columns in
                ScoreCounter.Row(
                    ScoreRow(
                        member: member, score: columns.int64(1), subscore: columns.int64(2),
                        submissions: columns.int64(3), change: columns.int64(4), reached: columns.int64(5),
                        metadata: columns.optionalBytes(6), updatedAtMillis: columns.int64(7),
                        isRemoved: columns.int64(8) != 0),
                    recordVersion: columns.optionalInt64(9))
            }
        }
    }

    private func write(
        _ stored: ScoreCounter.Row, to table: SpaceCounters.Space, with statement: HotStatement
    ) throws {
        let row = stored.row
        statement.bind(table.number, at: 1)
        statement.bind(row.score, at: 3)
        statement.bind(row.subscore, at: 4)
        statement.bind(row.submissions, at: 5)
        statement.bind(row.change, at: 6)
        statement.bind(row.reached, at: 7)
        statement.bind(stored.recordVersion, at: 8)
        statement.bind(row.updatedAtMillis, at: 9)
        statement.bind(row.isRemoved ? 1 : 0, at: 10)
        let written = try statement.withBytes(row.member.bytes, at: 2) {
            try statement.withBytes(row.metadata, at: 11) { try statement.run() }
        }
        guard written == 1 else { throw StoreError(.internalError, "a score changed between check and write") }
    }

    // MARK: - Batches

    /// The refusals of a batch by position; nil when it was never applied.
    private func refusals(of batch: RandomID) throws -> [Int: ScoreOutcome.Refusal]? {
        let select = try HotStatement(Statements.batch, in: database)
        select.bind(deployment, at: 1)
        return try select.withBytes(batch.bytes, at: 2) {
            try select.first { columns in
                let bytes = columns.bytes(0)
                var refusals: [Int: ScoreOutcome.Refusal] = [:]
                for index in stride(from: 0, to: bytes.count - 1, by: 2) {
                    refusals[Int(bytes[index])] = ScoreOutcome.Refusal(
                        code: bytes[index + 1], nowMillis: now)
                }
                return refusals
            }
        }
    }

    /// Keeps a batch's id with the position and the code of each refusal, and forgets old ones.
    private func remember(_ batch: RandomID, _ outcomes: [ScoreOutcome]) throws {
        var refusals: [UInt8] = []
        for (index, outcome) in outcomes.enumerated() {
            if case .refused(let refusal) = outcome { refusals += [UInt8(index), refusal.code] }
        }
        let insert = try HotStatement(Statements.insertBatch, in: database)
        insert.bind(deployment, at: 1)
        insert.bind(now, at: 3)
        try insert.withBytes(batch.bytes, at: 2) {
            _ = try insert.withBytes(refusals.isEmpty ? nil : refusals, at: 4) { try insert.run() }
        }
    }
}
