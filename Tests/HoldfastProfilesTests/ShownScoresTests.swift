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
        var shown = ShownScores(loaded: ["b": pair(1)])
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
        var shown = ShownScores(loaded: [:])
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

    @Test("a score that goes takes the member off, and one that never was brings nothing")
    func removes() {
        var shown = ShownScores(loaded: ["b": nil])
        #expect(shown.change(to: ["b": nil], member: member, version: 1) { _ in [first] }.submissions.isEmpty)
        shown.committed(shown.change(to: ["b": pair(1)], member: member, version: 1) { _ in [first] })
        let change = shown.change(to: ["b": nil], member: member, version: 2) { _ in [first] }
        #expect(change.submissions.map(\.action) == [.remove] && change.submissions[0].recordVersion == 2)
        #expect(!change.submissions[0].conditions.requiresMember)
        shown.committed(change)
        #expect(shown.change(to: ["b": nil], member: member, version: 3) { _ in [second] }.submissions.isEmpty)
        // Loaded with a score that this session has not brought anywhere.
        let loaded = ShownScores(loaded: ["b": pair(3)])
        #expect(loaded.change(to: ["b": nil], member: member, version: 9) { _ in [first] }.submissions.count == 1)
    }

    @Test("a board that is gone is passed over and counted, and others are not")
    func passesOver() {
        let shown = ShownScores(loaded: [:])
        let change = shown.change(to: ["b": pair(1), "c": pair(2)], member: member, version: 1) { board in
            board == "b" ? nil : [first]
        }
        #expect(change.missing == 1 && change.submissions.count == 1)
    }
}
