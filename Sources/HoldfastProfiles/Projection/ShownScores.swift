import HoldfastStorage

/// What the boards show of one profile, as far as its session knows; no I/O inside.
struct ShownScores: Sendable {
    /// A score that a session has brought to a board.
    fileprivate struct Shown: Equatable {
        let score: ScorePair?
        let tables: [SpaceName]
    }

    /// The scores of one commit, to be taken note of when the store has them.
    struct Change: Sendable {
        let submissions: [ScoreSubmission]
        fileprivate let shown: [String: Shown]
        /// Boards that are not there any more.
        let missing: Int

        /// Nothing to bring along.
        static let none = Change(submissions: [], shown: [:], missing: 0)

        /// The tables that may have got a score.
        var tables: Set<SpaceName> { Set(submissions.map(\.table)) }
    }

    private var shown: [String: Shown] = [:]

    /// Begins with a document.
    ///
    /// - Parameter scores: Those of the document as it was loaded.
    init(loaded scores: [String: ScorePair?]) {
        // What has no score was on no board, or left it with the save that took the score away. A score may still be
        // missing there: from before the board was projected to, or was created anew.
        for (board, score) in scores where score == nil { shown[board] = Shown(score: nil, tables: []) }
    }

    /// What a commit that writes the document has to bring along.
    ///
    /// - Parameters:
    ///   - scores: Those of the document that is written, by board.
    ///   - member: The profile's key.
    ///   - version: The version that the commit gives the record.
    ///   - targets: See ``ScoreBoards/projectionTargets(of:)``.
    func change(
        to scores: [String: ScorePair?], member: Key, version: Int64, targets: (String) -> [ProjectionTarget]?
    ) -> Change {
        var submissions: [ScoreSubmission] = []
        var new: [String: Shown] = [:]
        var missing = 0
        for (board, score) in scores {
            guard let targets = targets(board) else {
                missing += 1
                continue
            }
            let next = Shown(score: score, tables: targets.map(\.table))
            if let last = shown[board], last.score == score, score == nil || last.tables == next.tables { continue }
            new[board] = next
            for target in targets {
                submissions.append(Self.submission(score, of: member, to: target, version: version))
            }
        }
        return Change(submissions: submissions, shown: new, missing: missing)
    }

    private static func submission(
        _ score: ScorePair?, of member: Key, to target: ProjectionTarget, version: Int64
    ) -> ScoreSubmission {
        var conditions = target.conditions
        guard let score else {
            // Who is not there is to stay away, too, when an older score comes late.
            conditions.requiresMember = false
            return ScoreSubmission(
                table: target.table, member: member, action: .remove, conditions: conditions, recordVersion: version)
        }
        return ScoreSubmission(
            table: target.table, member: member,
            action: .submit(score: score.score, subscore: score.subscore, rule: target.rule), conditions: conditions,
            recordVersion: version)
    }

    /// The store has a commit.
    mutating func committed(_ change: Change) {
        shown.merge(change.shown) { _, new in new }
    }
}
