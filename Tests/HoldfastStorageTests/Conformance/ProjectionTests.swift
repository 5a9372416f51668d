import HoldfastStorage
import Testing

@Suite("Every store: projections of a commit")
struct ProjectionTests {
    private let table: SpaceName
    private let set = ScoreRule(scoreOperator: .set)

    init() throws {
        table = try SpaceName("board:wealth")
    }

    @Test("a projection is stored in the commit of its record, or not at all", arguments: StoreKind.allCases)
    func followsRecord(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor()
            _ = try await session.seal(store)
            func save(_ number: Int64) async throws -> CommitOutcome {
                let request = CommitRequest(
                    writes: [session.write(.content(try content("\(number)")))],
                    projections: [try score("p", number, in: table, rule: set, version: session.version + 1)])
                guard case .commit(let outcome)? = try await store.execute([.commit(request)]).first else {
                    throw Unexpected()
                }
                return outcome
            }
            #expect(try await save(10) == .committed)
            #expect(try await store.rows(of: "p", in: table)[0]?.score == 10)
            // The version that is there now is another one.
            #expect(try await save(11).refusedRows != nil)
            #expect(try await store.rows(of: "p", in: table)[0]?.score == 10)
            session.version = 1
            #expect(try await save(12) == .committed)
            #expect(try await store.rows(of: "p", in: table)[0]?.change == 2)
            #expect(try await store.submit(score("p", 1, in: table, rule: set, version: 2)) == .refused(.superseded))
        }
    }

    @Test("a refused projection fails neither its commit nor its group", arguments: StoreKind.allCases)
    func neverFailsCommit(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (one, two) = (try StoreActor("one"), try StoreActor("two"))
            for actor in [one, two] { _ = try await actor.seal(store) }
            _ = try await store.submit(score("p", .max, in: table, version: 9))
            let incr = ScoreRule(scoreOperator: .increment)
            func commit(_ actor: StoreActor, _ projections: [ScoreSubmission]) throws -> StoreRequest {
                .commit(CommitRequest(writes: [actor.write(.content(try content("x")))], projections: projections))
            }
            let replies = try await store.execute([
                commit(
                    one,
                    [
                        try score("p", 1, in: table, rule: set, version: 1),
                        try score("q", 1, in: table, conditions: .init(maximumMembers: 1), version: 1),
                        try score("r", 1, in: table, conditions: .init(requiresMember: true), version: 1),
                        try score("s", 5, in: table, version: 1),
                    ]),
                .submit(ScoreBatch(id: .random(), submissions: [try score("s", 6, in: table, rule: incr)])),
                commit(
                    two,
                    [try score("s", 1, in: table, rule: incr, version: 2), try removal("p", in: table, version: 10)]),
            ])
            #expect(replies[0] == .commit(.committed) && replies[2] == .commit(.committed))
            guard case .submit(let batch) = replies[1] else { throw Unexpected() }
            #expect(batch.outcomes[0].row?.score == 11 && batch.changes == [table: 3...3])
            let rows = try await store.allScores(of: table)
            #expect(rows.map(\.member.description) == ["s", "p"] && rows.map(\.score) == [12, 0])
            #expect(rows.map(\.change) == [4, 5] && rows[1].isRemoved)
            #expect(try await store.read(one.id)?.version == 1)
        }
    }

    @Test("commits of every shape carry projections", arguments: StoreKind.allCases)
    func joinsEveryShape(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let actors = try (0..<5).map { try StoreActor("key\($0)") }
            for actor in actors { _ = try await actor.seal(store) }
            _ = try await store.deliver(delivery("a", to: actors[1].id))
            let rival = actors[4].rival(token: 2)
            _ = try await rival.seal(store)
            func projection(_ member: Int) throws -> [ScoreSubmission] {
                [try score("\(member)", Int64(member), in: table, version: 1)]
            }
            let replies = try await store.execute([
                .commit(CommitRequest(writes: [actors[0].write(.none)], projections: projection(0))),
                .commit(
                    CommitRequest(
                        writes: [actors[1].write(.none, releases: true)],
                        settlements: [
                            Settlement(record: actors[1].id, id: OperationID("a"), state: .applied, attempts: 1)
                        ], projections: projection(1))),
                .commit(
                    CommitRequest(
                        writes: [actors[2].write(.content(content("x"))), actors[3].write(.tombstone)],
                        projections: projection(2) + projection(3))),
                .commit(CommitRequest(writes: [actors[4].write(.content(content("x")))], projections: projection(4))),
            ])
            #expect(replies.prefix(3).allSatisfy { $0 == .commit(.committed) })
            #expect(try await store.allScores(of: table).map(\.member.description) == ["0", "1", "2", "3"])
        }
    }

    @Test("projections outside the limits are refused as bad input", arguments: StoreKind.allCases)
    func checksInput(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            let bad = [
                [try score("a", 1, in: table)],
                [try score("a", 1, in: table, version: 1), try score("a", 2, in: table, version: 1)],
                try (0...64).map { try score("\($0)", 1, in: table, version: 1) },
                [try score("a", 1, in: table, conditions: .init(maximumMembers: 0), version: 1)],
            ]
            for projections in bad {
                let request = CommitRequest(writes: [session.write(.none)], projections: projections)
                let error = await #expect(throws: StoreError.self) { try await store.execute([.commit(request)]) }
                #expect(error?.code == .badInput)
            }
        }
    }
}
