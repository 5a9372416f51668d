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

    /// Remembers the name of the last table asked for: most changes of a batch go to one.
    struct LastTable {
        private var last: (space: BoardSpace, season: Int64, table: SpaceName)?

        mutating func table(_ space: BoardSpace, _ season: Int64) -> SpaceName {
            if let last, last.season == season, last.space == space { return last.table }
            let table = space.table(season)
            last = (space, season, table)
            return table
        }
    }

    /// What a change asks of the store at a time.
    static func submission(_ queued: Queued, at millis: Int64, _ tables: inout LastTable) -> ScoreSubmission {
        if let fast = queued.fast {
            return ScoreSubmission(
                table: fast.place.table, member: fast.place.member, action: fast.change.action,
                metadata: fast.change.metadata, count: fast.change.count)
        }
        guard let entry = queued.entry else { preconditionFailure("a change is fast or waited for") }
        let (season, window) = entry.target.resolve(at: millis)
        var conditions = entry.conditions
        conditions.window = window ?? conditions.window
        return ScoreSubmission(
            table: tables.table(entry.target.space, season.id), member: entry.member, action: entry.action,
            metadata: entry.metadata, conditions: conditions)
    }
}
