import HoldfastStorage
import ModelTesting
import Testing

@Suite("Every store: scores")
struct ScoreTests {
    private let table: SpaceName

    init() throws {
        table = try SpaceName("board:arena:1")
    }

    @Test("a score is stored with its numbers, and the board's best one stays", arguments: StoreKind.allCases)
    func submits(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            #expect(try await store.page(of: table, changedAfter: 0) == nil)
            let outcome = try await store.submit([
                score("ann", 10, 3, in: table, metadata: #"{"a":1}"#), score("é", .min, .max, in: table),
            ])
            let ann = try #require(outcome.outcomes[0].row)
            #expect(outcome.outcomes[0] == .accepted(ann, changed: true))
            #expect(
                ann.score == 10 && ann.subscore == 3 && ann.submissions == 1 && ann.change == 1 && ann.reached == 1
                    && !ann.isRemoved && ann.metadata == Array(#"{"a":1}"#.utf8)
                    && ann.updatedAtMillis > 1_600_000_000_000)
            #expect(outcome.changes == [table: 1...2])
            let worse = try await store.submit([score("ann", 9, 9, in: table)])
            let same = try #require(worse.outcomes[0].row)
            #expect(worse.outcomes[0] == .accepted(same, changed: false) && worse.changes == [table: 3...3])
            #expect(same.score == 10 && same.subscore == 3 && same.submissions == 2 && same.change == 3)
            #expect(same.reached == 1 && same.metadata == ann.metadata)
            let better = try #require(await store.submit(score("ann", 11, 1, in: table, metadata: "{}")).row)
            #expect(better.score == 11 && better.subscore == 1 && better.reached == 4 && better.submissions == 3)
            #expect(better.metadata == Array("{}".utf8))
            let read = try await store.scores(of: table, members: [Key("x"), Key("ann"), Key("ann")])
            #expect(read == [nil, better, better])
            let page = try #require(await store.page(of: table, changedAfter: 0))
            #expect(page.lastChange == 4 && page.generation == outcome.generations[table])
            #expect(page.rows.map(\.change) == [2, 4] && page.rows[1] == better)
            #expect(page.rows[0].score == .min && page.rows[0].subscore == .max)
        }
    }

    @Test("every rule gives what the pure function gives", arguments: StoreKind.allCases)
    func meetsRules(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var random = SeededGenerator(seed: 5)
            let numbers: [Int64] = [.min, .min + 1, -3, -1, 0, 1, 2, 7, .max - 1, .max]
            let members = (0..<40).map { "member-\($0)" }
            var stored: [String: ScorePair] = [:]
            for _ in 0..<25 {
                var submissions: [ScoreSubmission] = []
                var expected: [ScorePair?] = []
                // Some members several times in one batch.
                for _ in 0..<40 {
                    let member = members.randomElement(using: &random)!
                    let rule = ScoreRule(
                        order: .allCases.randomElement(using: &random)!,
                        subscoreOrder: .allCases.randomElement(using: &random)!,
                        scoreOperator: .allCases.randomElement(using: &random)!,
                        subscoreOperator: ([nil] + ScoreOperator.allCases).randomElement(using: &random)!)
                    let pair = ScorePair(
                        score: numbers.randomElement(using: &random)!, subscore: numbers.randomElement(using: &random)!)
                    let result = rule.meet(stored: stored[member], submitted: pair)
                    stored[member] = result ?? stored[member]
                    expected.append(result)
                    submissions.append(try score(member, pair.score, pair.subscore, in: table, rule: rule))
                }
                let outcomes = try await store.submit(submissions).outcomes
                let found = outcomes.map { $0.row.map { ScorePair(score: $0.score, subscore: $0.subscore) } }
                #expect(found == expected)
                #expect(outcomes.allSatisfy { $0.refusal == nil || $0.refusal == .overflow })
            }
        }
    }

    @Test("who reached a pair first keeps the lower number", arguments: StoreKind.allCases)
    func remembersReached(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let set = ScoreRule(scoreOperator: .set)
            func submit(_ number: Int64) async throws -> ScoreRow? {
                try await store.submit(score("a", number, in: table, rule: set)).row
            }
            #expect(try await submit(5)?.reached == 1)
            #expect(try await submit(5)?.reached == 1)
            #expect(try await submit(6)?.reached == 3)
            #expect(try await submit(5)?.reached == 4)
            let two = try await store.submit([
                score("a", 7, in: table, rule: set), score("a", 7, in: table, rule: set),
                score("b", 7, in: table), score("a", 7, 1, in: table, rule: set),
            ])
            #expect(two.outcomes.map { $0.row?.reached } == [5, 5, 7, 8])
            #expect(two.outcomes.map { $0.row?.change } == [5, 6, 7, 8] && two.changes == [table: 5...8])
        }
    }

    @Test("conditions refuse one submission and leave the others alone", arguments: StoreKind.allCases)
    func checksConditions(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let twice = ScoreSubmission.Conditions(maximumSubmissions: 2)
            let two = ScoreSubmission.Conditions(maximumMembers: 2)
            let there = ScoreSubmission.Conditions(requiresMember: true)
            let incr = ScoreRule(scoreOperator: .increment)
            let outcome = try await store.submit([
                score("a", 1, in: table, rule: incr, conditions: twice),
                score("a", 1, in: table, rule: incr, conditions: twice),
                score("a", 1, in: table, rule: incr, conditions: twice),
                score("b", 1, in: table, conditions: there),
                score("b", 1, in: table, conditions: two),
                score("c", 1, in: table, conditions: two),
                score("b", .max, in: table, rule: incr, conditions: two),
                score("a", 1, in: table, rule: incr, conditions: there),
                score("c", 3, in: table),
                score("d", 3, in: table, conditions: .init(maximumMembers: 4)),
                ScoreSubmission(table: table, member: Key("e"), action: .remove, conditions: there),
            ])
            #expect(
                outcome.outcomes.map(\.refusal) == [
                    nil, nil, .noSubmissionsLeft, .notAMember, nil, .full, .overflow, nil, nil, nil, .notAMember,
                ])
            #expect(outcome.outcomes.compactMap { $0.row?.change } == [1, 2, 3, 4, 5, 6])
            #expect(outcome.outcomes[7].row?.score == 3 && outcome.changes == [table: 1...6])
            #expect(try await store.tables().map(\.count) == [4])
            // A place that becomes free is taken in the same batch.
            let next = try await store.submit([
                score("x", 1, in: table, conditions: .init(maximumMembers: 4)), removal("a", in: table),
                score("x", 1, in: table, conditions: .init(maximumMembers: 4)),
                score("y", 1, in: table, conditions: .init(maximumMembers: 4)),
            ])
            #expect(next.outcomes.map(\.refusal) == [.full, nil, nil, .full])
        }
    }

    @Test("a removed member is absent, yet seen by those who follow changes", arguments: StoreKind.allCases)
    func removes(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.submit([score("a", 5, 6, in: table, metadata: "{}"), score("b", 1, in: table)])
            let removed = try await store.submit([
                removal("a", in: table), removal("a", in: table), removal("z", in: table),
            ])
            #expect(removed.outcomes == [.removed, .removed, .removed] && removed.changes == [table: 3...3])
            #expect(try await store.rows(of: "a", in: table) == [nil])
            let rows = try await store.allScores(of: table)
            #expect(rows.map(\.member.description) == ["b", "a"] && rows.map(\.isRemoved) == [false, true])
            #expect(rows[1].metadata == nil && rows[1].submissions == 0 && rows[1].change == 3 && rows[1].reached == 3)
            #expect(try await store.tables().map(\.count) == [1])
            let incr = ScoreRule(scoreOperator: .increment)
            let back = try #require(await store.submit(score("a", 2, in: table, rule: incr)).row)
            #expect(back.score == 2 && back.subscore == 0 && back.submissions == 1 && back.metadata == nil)
            #expect(back.change == 4 && back.reached == 4 && !back.isRemoved)
            #expect(try await store.allScores(of: table).map(\.change) == [2, 4])
        }
    }

    @Test("metadata alone changes nothing else, and makes no member", arguments: StoreKind.allCases)
    func changesMetadata(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            func metadata(_ member: String) throws -> ScoreSubmission {
                ScoreSubmission(table: table, member: try Key(member), action: .metadata, metadata: Array("[1]".utf8))
            }
            let first = try #require(await store.submit(score("a", 5, 6, in: table)).row)
            #expect(first.metadata == nil)
            let outcomes = try await store.submit([metadata("a"), metadata("b")]).outcomes
            var expected = try #require(outcomes[0].row)
            #expect(outcomes == [.accepted(expected, changed: false), .refused(.notAMember)])
            expected.change = 1
            expected.metadata = nil
            expected.updatedAtMillis = first.updatedAtMillis
            #expect(expected == first)
            _ = try await store.submit(removal("a", in: table))
            #expect(try await store.submit(metadata("a")) == .refused(.notAMember))
        }
    }

    @Test("a score of an older version of its record is passed over", arguments: StoreKind.allCases)
    func supersedes(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let set = ScoreRule(scoreOperator: .set)
            func project(_ number: Int64, _ version: Int64?) throws -> ScoreSubmission {
                try score("a", number, in: table, rule: set, version: version)
            }
            let outcomes = try await store.submit([
                project(10, 5), project(9, 5), project(8, 4), project(11, nil), project(12, 6), project(1, 5),
            ]).outcomes
            #expect(outcomes.map { $0.row?.score } == [10, nil, nil, 11, 12, nil])
            #expect(outcomes.compactMap(\.refusal) == [.superseded, .superseded, .superseded])
            // A removal is a version as well, where nobody is too.
            #expect(try await store.submit(removal("a", in: table, version: 6)) == .refused(.superseded))
            #expect(try await store.submit(removal("a", in: table, version: 7)) == .removed)
            #expect(try await store.submit(project(1, 7)) == .refused(.superseded))
            #expect(try await store.submit(removal("b", in: table, version: 3)) == .removed)
            #expect(try await store.submit(score("b", 1, in: table, version: 3)) == .refused(.superseded))
            #expect(try await store.submit(score("b", 1, in: table)).row?.score == 1)
            #expect(try await store.submit(score("b", 2, in: table, version: 3)) == .refused(.superseded))
        }
    }

    @Test("a repeated batch has no second effect and finds the rows as they stand", arguments: StoreKind.allCases)
    func repeatsBatches(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (id, incr) = (RandomID.random(), ScoreRule(scoreOperator: .increment))
            let batch = [
                try score("a", 1, in: table, rule: incr), try score("b", 1, in: table, rule: incr),
                try score("c", 1, in: table, conditions: .init(requiresMember: true)), try removal("d", in: table),
                try score("a", .max, in: table, rule: incr),
            ]
            let first = try await store.submit(batch, id: id)
            #expect(first.changes == [table: 1...2])
            let a = try #require(await store.submit(score("a", 4, in: table, rule: incr)).row)
            _ = try await store.submit([removal("b", in: table), score("c", 9, in: table)])
            for _ in 0..<2 {
                let again = try await store.submit(batch, id: id)
                #expect(again.changes.isEmpty && again.generations == first.generations)
                #expect(
                    again.outcomes == [
                        .accepted(a, changed: false), .removed, .refused(.notAMember), .removed, .refused(.overflow),
                    ])
            }
            #expect(try await store.page(of: table, changedAfter: 0)?.lastChange == 5)
            // A dropped table does not come back by a late repetition, but for its name.
            try await store.dropSpace(table)
            let late = try await store.submit(batch, id: id)
            #expect(late.outcomes[0] == .removed && late.generations[table] != first.generations[table])
            #expect(try await store.page(of: table, changedAfter: 0)?.lastChange == 0)
        }
    }

    @Test("batches of one group see each other, also under one id", arguments: StoreKind.allCases)
    func sharesGroup(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (other, incr) = (try SpaceName("board:other"), ScoreRule(scoreOperator: .increment))
            func batch(_ submissions: ScoreSubmission..., id: RandomID = .random()) -> StoreRequest {
                .submit(ScoreBatch(id: id, submissions: submissions))
            }
            let id = RandomID.random()
            let limited = ScoreSubmission.Conditions(maximumSubmissions: 2)
            let replies = try await store.execute([
                batch(try score("a", 1, in: table, rule: incr), try score("z", 1, in: other), id: id),
                batch(try score("a", 1, in: table, rule: incr), try score("b", 5, in: table)),
                batch(try score("a", 1, in: table, rule: incr), try score("z", 1, in: other), id: id),
                batch(try score("a", 9, in: table, rule: incr, conditions: limited), try removal("b", in: table)),
                batch(try score("b", 1, in: table, rule: incr), try score("a", 1, in: table, rule: incr)),
            ])
            let outcomes = replies.map { reply -> ScoreBatchOutcome? in
                if case .submit(let outcome) = reply { outcome } else { nil }
            }
            #expect(outcomes.map { $0?.outcomes[0].row?.score } == [1, 2, 2, nil, 1])
            #expect(outcomes.map { $0?.changes[table] } == [1...1, 2...3, nil, 4...4, 5...6])
            #expect(outcomes[2]?.outcomes[1].row?.change == 1 && outcomes[2]?.changes == [:])
            #expect(outcomes[3]?.outcomes == [.refused(.noSubmissionsLeft), .removed])
            #expect(outcomes[0]?.generations.keys.sorted() == [table, other].sorted())
            #expect(try await store.rows(of: "a", in: table)[0]?.score == 3)
        }
    }

    @Test("a full group of full batches is one transaction", arguments: StoreKind.allCases)
    func takesFullBatches(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let incr = ScoreRule(scoreOperator: .increment)
            // One member is in all of them, which is what a guild's board looks like.
            let group = try (0..<16).map { batch in
                StoreRequest.submit(
                    ScoreBatch(
                        id: .random(),
                        submissions: try (0..<256).map {
                            try score($0 % 8 == 0 ? "guild" : "\(batch)-\($0)", 1, in: table, rule: incr)
                        }))
            }
            let replies = try await store.execute(group)
            for (index, reply) in replies.enumerated() {
                guard case .submit(let outcome) = reply else { throw Unexpected() }
                let first = Int64(index * 256 + 1)
                #expect(outcome.changes == [table: first...first + 255])
                #expect(outcome.outcomes.compactMap { $0.row?.change } == Array(first...first + 255))
            }
            #expect(try await store.rows(of: "guild", in: table)[0]?.score == 16 * 32)
            let summary = try #require(await store.tables().first)
            #expect(summary.last == 16 * 256 && summary.count == 16 * 224 + 1)
            #expect(try await store.allScores(of: table, page: 300).count == 16 * 224 + 1)
        }
    }

    @Test("a dropped table is gone, and its next use has a new generation", arguments: StoreKind.allCases)
    func drops(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let first = try await store.submit([score("a", 1, in: table)])
            _ = try await store.append([entry()], to: table)
            for _ in 0..<2 {
                try await store.dropSpace(table)
                #expect(try await store.page(of: table, changedAfter: 0) == nil)
                #expect(try await store.rows(of: "a", in: table) == [nil])
                #expect(try await store.page(of: table) == nil)
            }
            let second = try await store.submit([score("a", 0, in: table)])
            #expect(second.generations[table] != first.generations[table] && second.changes == [table: 1...1])
        }
    }

    @Test("requests outside the limits are refused as bad input", arguments: StoreKind.allCases)
    func checksInput(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let good = try score("a", 1, in: table)
            var metadata = good
            metadata.metadata = []
            var large = good
            large.metadata = [UInt8](repeating: 0x20, count: 4_097)
            var nothing = good
            nothing.action = .metadata
            let bad: [[ScoreSubmission]] = [
                [], Array(repeating: good, count: 257), [metadata], [large], [nothing],
                [try score("a", 1, in: table, conditions: .init(maximumMembers: 0))],
                [try score("a", 1, in: table, conditions: .init(maximumSubmissions: 0))],
                [try score("a", 1, in: table, version: 0)],
            ]
            for submissions in bad {
                let error = await #expect(throws: StoreError.self) { try await store.submit(submissions) }
                #expect(error?.code == .badInput)
            }
            let members = (0...1_000).map { Key($0) }
            let error = await #expect(throws: StoreError.self) { try await store.scores(of: table, members: members) }
            #expect(error?.code == .badInput)
            #expect(try await store.page(of: table, changedAfter: 0, limit: 1) == nil)
            large.metadata = [UInt8](repeating: 0x20, count: 4_096)
            #expect(try await store.submit(large).row?.metadata == large.metadata)
        }
    }
}
