import HoldfastStorage
import Testing

@Suite("Every store: decisions of trades")
struct DecisionTests {
    private func request(
        _ session: StoreActor, _ trade: RandomID, _ verdict: Decision.Verdict = .committed, text: String = "traded"
    ) throws -> CommitRequest {
        CommitRequest(
            writes: [session.write(.content(try content(text)))], decision: Decision(trade: trade, verdict: verdict))
    }

    @Test("the first verdict stands for ever", arguments: StoreKind.allCases)
    func decidesOnce(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (one, two) = (RandomID.random(), RandomID.random())
            let before = try await store.verdict(of: one)
            #expect(before == nil)
            let first = try await store.decide(one, .aborted)
            #expect(first == .aborted)
            #expect(try await store.decide(one, .committed) == .aborted)
            #expect(try await store.decide(one, .aborted) == .aborted)
            #expect(try await store.decide(two, .committed) == .committed)
            let verdicts = [try await store.verdict(of: one), try await store.verdict(of: two)]
            #expect(verdicts == [.aborted, .committed])
        }
    }

    @Test(
        "a commit decides its trade, or is refused with the verdict that stands and writes nothing",
        arguments: StoreKind.allCases)
    func decidesInCommit(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var (left, right) = (try StoreActor("left"), try StoreActor("right"))
            for actor in [left, right] { _ = try await actor.seal(store) }
            try await right.saved(store, "right", parts: [part("a")])
            _ = try await store.deliver(delivery("leg", to: right.id))
            let trade = RandomID.random()
            #expect(try await store.commit(request(left, trade)) == .committed)
            #expect(try await store.decide(trade, .aborted) == .committed)
            left.version = 1

            let log = try SpaceName("ledger")
            for verdict in Decision.Verdict.allCases {
                var late = try request(right, trade, verdict)
                late.writes[0].parts = [try part("b")]
                late.writes[0].keeps = .always(reason: "trade")
                late.settlements = [
                    Settlement(record: right.id, id: try OperationID("leg"), state: .applied, attempts: 1)
                ]
                late.deliveries = [try delivery("refund", to: left.id)]
                late.entries = [AppendRequest(log: log, entries: [entry()])]
                late.projections = [try score("p", 1, in: log, version: 2)]
                #expect(try await store.commit(late) == .decided(.committed))
            }
            #expect(try await store.read(right.id)?.version == 1)
            #expect(try await store.parts(of: right.id).map(\.text) == ["a x"])
            #expect(try await store.kept(right.id).isEmpty)
            #expect(try await store.pendingOperations(of: [left.id, right.id]).map(\.id.description) == ["leg"])
            #expect(try await store.page(of: log) == nil)
            #expect(try await store.rows(of: "p", in: log) == [nil])

            let aborted = RandomID.random()
            #expect(try await store.decide(aborted, .aborted) == .aborted)
            #expect(try await store.commit(request(left, aborted)) == .decided(.aborted))
            #expect(try await store.read(left.id)?.version == 1)
        }
    }

    @Test("a refusal comes before the verdict, and a refused commit decides nothing", arguments: StoreKind.allCases)
    func refusesFirst(kind: StoreKind) async throws {
        try await withStore(kind) { inner in
            let store = FailingStore(inner) { call in call.number == 2 ? .after() : .none }
            let session = try StoreActor()
            _ = try await session.seal(store)
            let trade = RandomID.random()
            let lost = try request(session, trade)
            await #expect(throws: StoreError.self) { try await store.commit(lost) }
            // So the repetition finds its own save id.
            let row = try #require(await store.commit(lost).refusedRows?.first ?? nil)
            #expect(row.saveID == lost.writes[0].saveID)
            #expect(try await store.decide(trade, .aborted) == .committed)

            let other = RandomID.random()
            #expect(try await store.commit(request(session, other)).refusedRows != nil)
            #expect(try await store.decide(other, .aborted) == .aborted)
        }
    }

    @Test(
        "a check of the row decides as well, beside saves and trades of the same group",
        arguments: StoreKind.allCases)
    func joinsEveryShape(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let actors = try (0..<5).map { try StoreActor("key\($0)") }
            for actor in actors { _ = try await actor.seal(store) }
            let trades = (0..<4).map { _ in RandomID.random() }
            _ = try await store.decide(trades[3], .aborted)
            let replies = try await store.execute([
                .commit(CommitRequest(writes: [actors[0].write(.content(content("plain")))])),
                .commit(
                    CommitRequest(
                        writes: [actors[1].write(.none)], decision: Decision(trade: trades[0], verdict: .aborted))),
                .commit(
                    CommitRequest(
                        writes: [actors[2].write(.content(content("a"))), actors[3].write(.content(content("b")))],
                        decision: Decision(trade: trades[1], verdict: .committed))),
                .decide(Decision(trade: trades[2], verdict: .committed)),
                .commit(
                    CommitRequest(
                        writes: [actors[4].write(.content(content("late")))],
                        decision: Decision(trade: trades[3], verdict: .committed))),
            ])
            #expect(
                replies == [
                    .commit(.committed), .commit(.committed), .commit(.committed), .decide(.committed),
                    .commit(.decided(.aborted)),
                ])
            let standing = try await trades.asyncMap { try await store.decide($0, .committed) }
            #expect(standing == [.aborted, .committed, .committed, .aborted])
            let versions = try await actors.asyncMap { try await store.read($0.id)?.version }
            #expect(versions == [1, 0, 1, 1, 0])
        }
    }

    @Test("of two handles that decide one trade differently exactly one has its way", arguments: StoreKind.allCases)
    func races(kind: StoreKind) async throws {
        try await withStores(kind, 2) { stores in
            var session = try StoreActor()
            _ = try await session.seal(stores[0])
            for _ in 0..<20 {
                let trade = RandomID.random()
                let commit = try request(session, trade)
                async let deciding = stores[1].decide(trade, .aborted)
                let outcome = try await stores[0].commit(commit)
                let verdict = try await deciding
                #expect(outcome == (verdict == .committed ? .committed : .decided(.aborted)))
                if outcome == .committed { session.version += 1 }
                #expect(try await stores[1].read(session.id)?.version == session.version)
            }
        }
    }

    @Test("two members of a group must not decide the same trade", arguments: StoreKind.allCases)
    func checksInput(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            let decision = Decision(trade: .random(), verdict: .aborted)
            let group: [StoreRequest] = [
                .decide(decision), .commit(CommitRequest(writes: [session.write(.none)], decision: decision)),
            ]
            let error = await #expect(throws: StoreError.self) { try await store.execute(group) }
            #expect(error?.code == .badInput)
        }
    }
}
