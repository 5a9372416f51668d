import HoldfastStorage
import Testing

@Suite("The audit log")
struct AuditLogTests {
    private func action(_ target: String, reason: String? = nil) throws -> AuditAction {
        try AuditAction(user: "ann", host: "desk", verb: "profile put", target: target, reason: reason)
    }

    @Test("an action is one entry: without an outcome until it has ended", arguments: StoreKind.allCases)
    func oneEntry(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let log = AuditLog(of: store)
            #expect(try await log.entries().entries.isEmpty)
            let first = try await log.begin(action("players/1", reason: "a wish"))
            let second = try await log.begin(action("players/2"))
            #expect(try await log.entries().entries == [first, second])
            #expect(first.outcome == nil && first.endedAtMillis == nil)

            let ended = try await log.end(first, outcome: "done")
            let again = try await log.end(first, outcome: "done")
            #expect(again.sequence == ended.sequence)
            let entries = try await log.entries().entries
            #expect(entries.map(\.id) == [second.id, first.id])
            #expect(entries.last?.outcome == "done" && entries.last?.action == first.action)
            #expect(entries.last?.begunAtMillis == first.begunAtMillis && entries.last?.endedAtMillis != nil)
        }
    }

    @Test("what a restore took away is written once more, and ends as one entry", arguments: StoreKind.allCases)
    func again(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let log = AuditLog(of: store)
            let begun = try await log.begin(action("players/1"))
            _ = try await store.trim(try SpaceName(AuditLog.name), .ids([begun.id]))
            for _ in 1...2 { try await log.begin(again: begun) }
            let again = try await log.entries().entries
            #expect(again.map(\.id) == [begun.id] && again.first?.action == begun.action)
            try await log.end(begun, outcome: "done")
            let ended = try await log.entries().entries
            #expect(ended.map(\.outcome) == ["done"])
        }
    }

    @Test("it is read in pages, and what is unknown is passed over")
    func pages() async throws {
        let store = InMemoryStore(deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        let log = AuditLog(of: store)
        for number in 1...5 { _ = try await log.begin(action("\(number)")) }
        let unknown = AppendRequest(
            log: try SpaceName(AuditLog.name), entries: [.init(id: .random(), value: Array("{}".utf8))])
        _ = try await store.execute([.append(unknown)])
        _ = try await log.begin(action("6"))
        var found: [String] = []
        var next: Int64? = 0
        while let start = next {
            let page = try await log.entries(after: start, limit: 2)
            found += page.entries.map(\.action.target)
            next = page.next
        }
        #expect(found == ["1", "2", "3", "4", "5", "6"])
    }

    @Test("an answer that was lost is asked for again, and one that never comes refuses the action")
    func failures() async throws {
        let inner = InMemoryStore(deployment: "test")
        _ = try await inner.migrate(DeploymentTimings())
        let store = FailingStore(inner) { $0.isGroup && $0.number == 1 ? .after() : .none }
        _ = try await AuditLog(of: store).begin(action("1"))
        #expect(try await AuditLog(of: inner).entries().entries.count == 1)
        let down = FailingStore(inner) { _ in .before() }
        let error = await #expect(throws: StoreError.self) { try await AuditLog(of: down).begin(action("2")) }
        #expect(error?.code == .unavailable)
    }

    @Test("old entries go, counted by actions, of which each takes two numbers")
    func keeps() async throws {
        let store = InMemoryStore(deployment: "test")
        let deployment = try await store.migrate(DeploymentTimings())
        let name = try SpaceName(AuditLog.name)
        var rows = [
            BackupRow(
                .space,
                [
                    .integer(1), .integer(1), .blob(name.bytes), .blob(RandomID.random().bytes), .integer(250_000),
                    .integer(2),
                ])
        ]
        for sequence in [50_002, 50_003] as [Int64] {
            rows.append(
                BackupRow(
                    .entry,
                    [
                        .integer(1), .integer(sequence), .blob(RandomID.random().bytes), .real(0), .integer(1), .null,
                        .blob([1]),
                    ]))
        }
        let replacement = try await store.beginReplacement()
        try await replacement.add(rows)
        try await replacement.commit(
            RestoredIdentity(id: deployment.id, generation: 1, timings: deployment.timings))
        let log = AuditLog(of: store)
        let begun = try await log.begin(action("players/1"))
        try await log.end(begun, outcome: "done")
        let page = try await store.page(of: name)
        #expect(page?.entries.map(\.sequence) == [50_003, 250_002])
    }

    @Test("long texts are cut, a long reason is refused")
    func limits() throws {
        let long = String(repeating: "\u{e9}", count: 700)
        #expect(try AuditAction(user: long, host: "h", verb: "v", target: "t", reason: nil).user.utf8.count == 1_000)
        #expect(throws: StoreError.self) {
            try AuditAction(user: "u", host: "h", verb: "v", target: "t", reason: long)
        }
    }
}
