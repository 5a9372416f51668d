import HoldfastStorage
import Testing

/// What boards with an entry and a closing time ask of a score table.
@Suite("Every store: tournaments")
struct TournamentScoreTests {
    private let table: SpaceName

    init() throws {
        table = try SpaceName("board:cup:1")
    }

    private func change(
        _ member: String, _ action: ScoreSubmission.Action, conditions: ScoreSubmission.Conditions = .init(),
        metadata: String? = nil
    ) throws -> ScoreSubmission {
        ScoreSubmission(
            table: table, member: try Key(member), action: action, metadata: metadata.map { Array($0.utf8) },
            conditions: conditions)
    }

    @Test("who joins is a member without a score, once", arguments: StoreKind.allCases)
    func joins(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let outcome = try await store.submit([
                change("a", .join, metadata: "{}"), change("a", .join), change("b", .join),
            ])
            let first = try #require(outcome.outcomes[0].row)
            #expect(first.score == 0 && first.subscore == 0 && first.submissions == 0 && first.change == 1)
            #expect(first.metadata == Array("{}".utf8) && !first.isRemoved)
            #expect(outcome.outcomes[0] == .accepted(first, changed: false))
            #expect(outcome.outcomes[1] == .accepted(first, changed: false))
            #expect(outcome.changes == [table: 1...2])
            #expect(try await store.tables().map(\.count) == [2])
            let again = try await store.submit(change("a", .join, metadata: #"{"x":1}"#))
            #expect(again.row?.change == 3 && again.row?.metadata == Array(#"{"x":1}"#.utf8))
        }
    }

    @Test("the first score of one who joined meets nothing", arguments: StoreKind.allCases)
    func firstScore(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            // 0 would be the better one in both.
            let ascending = ScoreRule(order: .ascending, subscoreOrder: .ascending)
            _ = try await store.submit([change("a", .join), change("b", .join), change("c", .join)])
            let outcome = try await store.submit([
                score("a", 55, 7, in: table, rule: ascending), score("b", -5, in: table),
                score("c", 0, in: table, conditions: .init(requiresMember: true)),
            ])
            #expect(outcome.outcomes.map { $0.row?.score } == [55, -5, 0])
            #expect(outcome.outcomes.map { $0.row?.submissions } == [1, 1, 1])
            #expect(outcome.outcomes.map { $0.row?.reached } == [4, 5, 6])
            let third = try #require(outcome.outcomes[2].row)
            #expect(outcome.outcomes[2] == .accepted(third, changed: true))
            let worse = try await store.submit(score("a", 56, in: table, rule: ascending))
            #expect(worse.row?.score == 55 && worse.row?.submissions == 2)
        }
    }

    @Test("a full table takes no one more, by joining neither", arguments: StoreKind.allCases)
    func capacity(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let two = ScoreSubmission.Conditions(maximumMembers: 2)
            let outcome = try await store.submit([
                change("a", .join, conditions: two), score("b", 1, in: table, conditions: two),
                change("c", .join, conditions: two), change("a", .join, conditions: two),
                score("a", 1, in: table, conditions: two),
            ])
            #expect(outcome.outcomes.map(\.refusal) == [nil, nil, .full, nil, nil])
        }
    }

    @Test("one leaves only before the first score", arguments: StoreKind.allCases)
    func leaves(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.submit([change("a", .join), score("b", 1, in: table)])
            let outcome = try await store.submit([change("a", .leave), change("b", .leave), change("z", .leave)])
            #expect(outcome.outcomes == [.removed, .refused(.hasSubmitted), .removed])
            #expect(outcome.changes == [table: 3...3])
            let page = try #require(await store.page(of: table, changedAfter: 2))
            #expect(page.rows.map(\.isRemoved) == [true] && page.rows.map(\.member.description) == ["a"])
            #expect(try await store.tables().map(\.count) == [1])
        }
    }

    @Test("a change counts within its window only, by the store's clock", arguments: StoreKind.allCases)
    func windows(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let before = WallClock.milliseconds()
            func within(_ window: Range<Int64>) -> ScoreSubmission.Conditions { .init(window: window) }
            let batch = [
                try score("a", 1, in: table, conditions: within(before - 60_000..<before + 60_000)),
                try score("a", 2, in: table, conditions: within(0..<before - 60_000)),
                try score("b", 3, in: table, conditions: within(before + 60_000..<Int64.max)),
                try change("b", .join, conditions: within(0..<1)), try change("a", .remove, conditions: within(0..<1)),
                try change("a", .metadata, conditions: within(0..<1), metadata: "{}"),
                try score("c", 4, in: table, conditions: within(0..<Int64.max)),
            ]
            let id = RandomID.random()
            for attempt in 1...2 {
                let outcome = try await store.submit(batch, id: id)
                #expect(
                    outcome.outcomes.map { $0.row?.score } == [1, nil, nil, nil, nil, nil, 4], "attempt \(attempt)")
                for result in outcome.outcomes[1...5] {
                    guard case .refused(.outsideWindow(let now)) = result else {
                        Issue.record("\(result)")
                        continue
                    }
                    #expect(now >= before && now < before + 60_000)
                }
            }
            #expect(try await store.page(of: table, changedAfter: 0)?.lastChange == 2)
        }
    }

    @Test("a submission that stands for several counts as many", arguments: StoreKind.allCases)
    func counts(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var joined = try score("a", 5, in: table)
            joined.count = 7
            #expect(try await store.submit(joined).row?.submissions == 7)
            #expect(try await store.submit(score("a", 1, in: table)).row?.submissions == 8)
            for count in [0, -1, ScoreSubmission.maximumCount + 1] {
                joined.count = count
                let refused = joined
                await #expect(throws: StoreError.self) { try await store.submit(refused) }
            }
        }
    }
}
