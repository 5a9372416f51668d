import HoldfastStorage

/// What the boards show of one profile, as far as its session knows; no I/O inside.
struct ShownScores: Sendable {
    /// A score that a session has brought to a board.
    fileprivate struct Shown: Equatable {
        let score: ScorePair?
        let tables: [SpaceName]
        /// Whether these took it by all that is known here: close to a reset one of them refused it.
        let isCertain: Bool
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

    /// Empty at first: what a document was loaded with, a score or none, may not be what the boards show.
    private var shown: [String: Shown] = [:]

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
            let last = shown[board]
            let next = Shown(
                score: score, tables: targets.map(\.table), isCertain: targets.allSatisfy(\.isCertain))
            guard last != next || !next.isCertain else { continue }
            new[board] = next
            for target in targets {
                submissions.append(
                    score.map { Self.submission($0, of: member, to: target, version: version) }
                        ?? Self.removal(of: member, from: target, version: version, wasShown: last?.score != nil))
            }
        }
        return Change(submissions: submissions, shown: new, missing: missing)
    }

    private static func submission(
        _ score: ScorePair, of member: Key, to target: ProjectionTarget, version: Int64
    ) -> ScoreSubmission {
        ScoreSubmission(
            table: target.table, member: member,
            action: .submit(score: score.score, subscore: score.subscore, rule: target.rule),
            conditions: target.conditions, recordVersion: version)
    }

    /// Takes the member off, whoever put it there.
    ///
    /// - Parameter wasShown: Whether this session brought a score: where nobody is, the removal is remembered then, so
    ///   that the score stays away when it comes late. Otherwise nothing is written where nobody is.
    private static func removal(
        of member: Key, from target: ProjectionTarget, version: Int64, wasShown: Bool
    ) -> ScoreSubmission {
        var conditions = target.conditions
        conditions.requiresMember = !wasShown
        return ScoreSubmission(
            table: target.table, member: member, action: .remove, conditions: conditions, recordVersion: version)
    }

    /// The store has a commit.
    mutating func committed(_ change: Change) {
        shown.merge(change.shown) { _, new in new }
    }
}
