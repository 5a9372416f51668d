import HoldfastStorage

extension ScoreBatcher {
    /// One batch on its way.
    struct Batch: Sendable {
        let id: RandomID
        let submissions: [ScoreSubmission]
        /// Whether an earlier try may have taken effect: the rows of the answer may then be newer than the batch.
        var isRepeated = false

        /// What an answer tells of the tables that the batch names: their changes, nil where they are not told, and all
        /// rows of these, nil where not all are at hand.
        func news(
            _ outcome: ScoreBatchOutcome
        ) -> [SpaceName: (changes: ClosedRange<Int64>?, rows: [ScoreRow]?)] {
            guard !isRepeated else {
                return Dictionary(submissions.map { ($0.table, (nil, nil)) }) { first, _ in first }
            }
            return Dictionary(
                uniqueKeysWithValues: outcome.changes.map { table, changes in
                    var rows: [ScoreRow] = []
                    for (submission, outcome) in zip(submissions, outcome.outcomes) where submission.table == table {
                        if case .accepted(let row, _) = outcome, changes.contains(row.change) { rows.append(row) }
                    }
                    // A removal has no row in its outcome.
                    return (table, (changes, rows.count == changes.count ? rows : nil))
                })
        }
    }
}
