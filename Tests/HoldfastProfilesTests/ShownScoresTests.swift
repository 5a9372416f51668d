import HoldfastStorage
import Testing

@testable import HoldfastProfiles

@Suite("What goes to boards with a save") struct ShownScoresTests {
    private let member: Key
    private let (first, second): (ProjectionTarget, ProjectionTarget)

    init() throws {
        func target(_ name: String) throws -> ProjectionTarget {
            ProjectionTarget(
                table: try SpaceName(name), rule: ScoreRule(scoreOperator: .set),
                conditions: ScoreSubmission.Conditions(requiresMember: true, window: 1..<9))
        }
        member = try Key("ann")
        first = try target("one")
        second = try target("two")
    }

    private func pair(_ score: Int64) -> ScorePair { ScorePair(score: score, subscore: 0) }

    @Test("the first save of a session brings the score, later ones only another score")
    func onlyChanges() {
        var shown = ShownScores()
        let change = shown.change(to: ["b": pair(1)], member: member, version: 7) { _ in [first] }
        #expect(
            change.submissions == [
                ScoreSubmission(
                    table: first.table, member: member, action: .submit(score: 1, subscore: 0, rule: first.rule),
                    conditions: first.conditions, recordVersion: 7)
            ])
        #expect(change.tables == [first.table])
        // Not noted yet: the commit may have been refused.
        #expect(shown.change(to: ["b": pair(1)], member: member, version: 7) { _ in [first] }.submissions.count == 1)
        shown.committed(change)
        #expect(shown.change(to: ["b": pair(1)], member: member, version: 8) { _ in [first] }.submissions.isEmpty)
        #expect(shown.change(to: ["b": pair(2)], member: member, version: 8) { _ in [first] }.submissions.count == 1)
    }

    @Test("another season gets the score although it is the same, and at a reset both do")
    func followsSeasons() {
        var shown = ShownScores()
        shown.committed(shown.change(to: ["b": pair(1)], member: member, version: 1) { _ in [first] })
        let both = shown.change(to: ["b": pair(1)], member: member, version: 2) { _ in [first, second] }
        #expect(both.tables == [first.table, second.table])
        shown.committed(both)
        let new = shown.change(to: ["b": pair(1)], member: member, version: 3) { _ in [second] }
        #expect(new.tables == [second.table])
        shown.committed(new)
        // Closed for now, and open again.
        shown.committed(shown.change(to: ["b": pair(1)], member: member, version: 4) { _ in [] })
        #expect(shown.change(to: ["b": pair(1)], member: member, version: 5) { _ in [second] }.submissions.count == 1)
    }

    @Test("a score that was brought close to a reset, or to the start of a tournament, is brought again")
    func repeatsUncertain() {
        var (closing, opening) = (first, second)
        (closing.isCertain, opening.isCertain) = (false, false)
        var shown = ShownScores()
        // Half a minute before the reset only the old season takes it, half a minute after it only the new one.
        for version: Int64 in 1...2 {
            let change = shown.change(to: ["b": pair(1)], member: member, version: version) { _ in [closing, opening] }
            #expect(change.tables == [first.table, second.table])
            shown.committed(change)
        }
        // One target, which had not started.
        shown = ShownScores()
        shown.committed(shown.change(to: ["b": pair(1)], member: member, version: 1) { _ in [opening] })
        let certain = shown.change(to: ["b": pair(1)], member: member, version: 2) { _ in [second] }
        #expect(certain.submissions.count == 1)
        shown.committed(certain)
        #expect(shown.change(to: ["b": pair(1)], member: member, version: 3) { _ in [second] }.submissions.isEmpty)
    }

    @Test("a score that goes takes the member off, with a mark only where this session brought a score")
    func removes() {
        var shown = ShownScores()
        func removal(_ version: Int64) -> ShownScores.Change {
            shown.change(to: ["b": nil], member: member, version: version) { _ in [first] }
        }
        // Somebody else may have put the member there.
        let opening = removal(1)
        #expect(opening.submissions.map(\.action) == [.remove] && opening.submissions[0].recordVersion == 1)
        #expect(opening.submissions[0].conditions.requiresMember)
        shown.committed(opening)
        #expect(removal(2).submissions.isEmpty)
        shown.committed(shown.change(to: ["b": pair(1)], member: member, version: 2) { _ in [first] })
        let change = removal(3)
        #expect(change.submissions.map(\.action) == [.remove] && change.submissions[0].recordVersion == 3)
        #expect(!change.submissions[0].conditions.requiresMember)
        shown.committed(change)
        #expect(removal(4).submissions.isEmpty)
    }

    @Test("a board that is gone is passed over and counted, and others are not")
    func passesOver() {
        let shown = ShownScores()
        let change = shown.change(to: ["b": pair(1), "c": pair(2)], member: member, version: 1) { board in
            board == "b" ? nil : [first]
        }
        #expect(change.missing == 1 && change.submissions.count == 1)
    }
}
