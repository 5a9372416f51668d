import HoldfastStorage
import Testing

@Suite("Every store: log entries of a commit")
struct CommitEntryTests {
    private let (ledger, audit): (SpaceName, SpaceName)

    init() throws {
        ledger = try SpaceName("ledger")
        audit = try SpaceName("audit")
    }

    private func texts(_ log: SpaceName, _ store: any DurableStore) async throws -> [String]? {
        try await store.page(of: log, limit: 100)?.entries.map { String(decoding: $0.value, as: UTF8.self) }
    }

    private func append(_ texts: String..., to log: SpaceName) -> AppendRequest {
        AppendRequest(log: log, entries: texts.map { entry($0) })
    }

    @Test("entries are stored in the commit of their record, in order, or not at all", arguments: StoreKind.allCases)
    func followsRecord(kind: StoreKind) async throws {
        try await withStore(kind) { inner in
            let store = FailingStore(inner) { call in call.number == 3 ? .after() : .none }
            let session = try StoreActor()
            _ = try await session.seal(store)
            var commit = CommitRequest(
                writes: [session.write(.content(try content("x")))],
                entries: [append("one", "two", to: ledger), append("who", to: audit)])
            commit.writes[0].fence = 3
            #expect(try await store.commit(commit).refusedRows != nil)
            commit.writes[0].fence = 1
            await #expect(throws: StoreError.self) { try await store.commit(commit) }
            #expect(try await store.commit(commit).refusedRows?.first??.saveID == commit.writes[0].saveID)
            #expect(try await texts(ledger, store) == ["one", "two"])
            #expect(try await texts(audit, store) == ["who"])
            // Numbers go on where others left them.
            #expect(try await store.append([entry("three")], to: ledger).sequences == [3])
        }
    }

    @Test("commits of every shape carry entries, beside appends of the same group", arguments: StoreKind.allCases)
    func joinsEveryShape(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let actors = try (0..<5).map { try StoreActor("key\($0)") }
            for actor in actors { _ = try await actor.seal(store) }
            _ = try await store.deliver(delivery("a", to: actors[1].id))
            let known = entry("known")
            _ = try await store.append([known], to: ledger)
            var late = actors[4]
            late.version = 8
            let settlement = Settlement(record: actors[1].id, id: try OperationID("a"), state: .applied, attempts: 1)
            let replies = try await store.execute([
                .commit(CommitRequest(writes: [actors[0].write(.none)], entries: [append("check", to: ledger)])),
                .append(append("between", to: ledger)),
                .commit(
                    CommitRequest(
                        writes: [actors[1].write(.none, releases: true)], settlements: [settlement],
                        entries: [append("settled", to: ledger)])),
                .commit(CommitRequest(writes: [late.write(.none)], entries: [append("late", to: ledger)])),
                .commit(
                    CommitRequest(
                        writes: [actors[2].write(.content(content("x"))), actors[3].write(.tombstone)],
                        entries: [
                            AppendRequest(log: ledger, entries: [entry("trade"), known]), append("trade", to: audit),
                        ])),
            ])
            #expect(replies[0] == .commit(.committed) && replies[2] == .commit(.committed))
            #expect(replies[4] == .commit(.committed))
            let page = try #require(await store.page(of: ledger))
            #expect(page.lastSequence == 5 && page.entries.map(\.sequence) == [1, 2, 3, 4, 5])
            // An entry that is there already keeps its place.
            let found = try #require(await texts(ledger, store))
            #expect(found.first == "known")
            #expect(Set(found) == ["known", "check", "between", "settled", "trade"])
            #expect(try await texts(audit, store) == ["trade"])
        }
    }

    @Test("entries outside the limits are refused as bad input", arguments: StoreKind.allCases)
    func checksInput(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            let many = (0..<33).map { _ in entry() }
            let bad: [[AppendRequest]] = [
                [AppendRequest(log: ledger, entries: [entry()], limit: 9)], [AppendRequest(log: ledger, entries: [])],
                [append("a", to: ledger), append("b", to: ledger)],
                [AppendRequest(log: ledger, entries: many), AppendRequest(log: audit, entries: many)],
            ]
            for entries in bad {
                let error = await #expect(throws: StoreError.self) {
                    try await store.commit(CommitRequest(writes: [session.write(.none)], entries: entries))
                }
                #expect(error?.code == .badInput)
            }
            #expect(try await store.logs().isEmpty)
        }
    }
}
