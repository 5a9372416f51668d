import GRDB
import HoldfastStorage

/// Everything that one group does to logs and score tables, inside its transaction.
final class SpaceTransaction {
    private let database: Database
    private let deployment: Int64
    private let now: Int64
    private let counters: SpaceCounters
    private var scores: ScoreTransaction?
    private var remembersBatches = false

    init(_ database: Database, deployment: Int64, now: Int64) {
        self.database = database
        self.deployment = deployment
        self.now = now
        self.counters = SpaceCounters(database, deployment: deployment)
    }

    func append(_ request: AppendRequest) throws -> AppendOutcome {
        try LogTransaction(database: database, counters: counters, now: now).append(request)
    }

    func trim(_ request: TrimRequest) throws -> Int {
        try LogTransaction(database: database, counters: counters, now: now).trim(request)
    }

    func submit(_ batch: ScoreBatch) throws -> ScoreBatchOutcome {
        remembersBatches = true
        return try openScores().submit(batch)
    }

    func project(_ submissions: [ScoreSubmission]) throws {
        for submission in submissions { try openScores().project(submission) }
    }

    /// Writes the counters, and pays a part of what dropped spaces and old batches left behind.
    func finish() throws {
        try counters.flush()
        guard remembersBatches else { return }
        try database.run(
            Statements.forgetBatches, [now - ScoreBatch.memoryMillis, ScoreBatch.forgottenAtOnce])
        try SpacePurge.step(in: database, rows: SpacePurge.rowsOfAGroup)
    }

    private func openScores() throws -> ScoreTransaction {
        if let scores { return scores }
        let opened = try ScoreTransaction(database, deployment: deployment, counters: counters)
        scores = opened
        return opened
    }
}
