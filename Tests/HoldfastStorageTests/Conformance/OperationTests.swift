import HoldfastStorage
import Testing

@Suite("Every store: operations")
struct OperationTests {
    @Test(
        "an operation is delivered once; the same again is a duplicate, another payload or type a conflict",
        arguments: StoreKind.allCases)
    func delivers(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let record = try StoreActor().id
            #expect(try await store.deliver(delivery("a", to: record)) == .delivered)
            #expect(try await store.deliver(delivery("a", to: record)) == .duplicate(.pending))
            #expect(try await store.deliver(delivery("a", to: record, payload: "{}")) == .conflict)
            #expect(try await store.deliver(delivery("a", to: record, type: "other")) == .conflict)
            #expect(try await store.deliver(delivery("a", to: StoreActor("else").id)) == .delivered)
            let found = try #require(await store.operation(OperationID("a"), of: record))
            #expect(
                found.state == .pending && found.attempts == 0 && found.type == "reward"
                    && found.finishedAtMillis == nil)
            #expect(found.payload == Array(#"{"coins":1}"#.utf8))
            #expect(try await store.operation(OperationID("b"), of: record) == nil)
            // Delivery makes no row.
            #expect(try await store.read(record) == nil)
        }
    }

    @Test("ids are compared as bytes", arguments: StoreKind.allCases)
    func comparesBytes(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let record = try StoreActor().id
            for id in ["\u{e9}", "e\u{301}", "A", "a", "\u{0}", "🦉:{x}*"] {
                #expect(try await store.deliver(delivery(id, to: record)) == .delivered)
            }
            let found = try await store.pendingOperations(of: [record]).map { Array($0.id.description.utf8) }
            #expect(found == ["\u{e9}", "e\u{301}", "A", "a", "\u{0}", "🦉:{x}*"].map { Array($0.utf8) })
        }
    }

    @Test("effect and receipt commit together, and a receipt refuses a second effect", arguments: StoreKind.allCases)
    func settles(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor()
            for id in ["a", "b", "c"] { _ = try await store.deliver(delivery(id, to: session.id)) }
            let pending = try #require(await session.seal(store).sealed?.pending)
            #expect(pending.map(\.id.description) == ["a", "b", "c"])
            let settlements = [
                Settlement(record: session.id, id: try OperationID("a"), state: .applied, attempts: 1),
                Settlement(
                    record: session.id, id: try OperationID("b"), state: .pending, attempts: 2, lastError: "no\u{0}"),
            ]
            let write = session.write(.content(try content("one")))
            #expect(try await store.commit([write], settlements: settlements) == .committed)
            let receipt = try #require(await store.operation(OperationID("a"), of: session.id))
            #expect(receipt.state == .applied && receipt.attempts == 1 && receipt.finishedAtMillis != nil)
            let waiting = try #require(await store.operation(OperationID("b"), of: session.id))
            #expect(waiting.state == .pending && waiting.attempts == 2 && waiting.lastError == "no\u{FFFD}")
            #expect(try await store.deliver(delivery("a", to: session.id)) == .duplicate(.applied))

            session.version = 1
            let again = try await store.commit([session.write(.content(try content("two")))], settlements: settlements)
            #expect(again.settledIDs == [try OperationID("a")])
            #expect(again.refusedRows?.first??.version == 1)
            #expect(try await store.read(session.id)?.version == 1)
            #expect(try await store.operation(OperationID("b"), of: session.id)?.attempts == 2)
            let unknown = [Settlement(record: session.id, id: try OperationID("zz"), state: .dead, attempts: 1)]
            let missing = try await store.commit([session.write(.none)], settlements: unknown)
            #expect(missing.settledIDs == [try OperationID("zz")])
        }
    }

    @Test("a fenced save settles nothing and delivers nothing", arguments: StoreKind.allCases)
    func refusalSettlesNothing(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await store.deliver(delivery("a", to: session.id))
            _ = try await session.seal(store)
            _ = try await session.rival(token: 2).seal(store)
            let outcome = try await store.commit(
                [session.write(.content(try content("x")))],
                settlements: [Settlement(record: session.id, id: try OperationID("a"), state: .applied, attempts: 1)],
                deliveries: [try delivery("b", to: session.id)]
            )
            #expect(outcome.refusedRows?.first??.fence == 2)
            #expect(outcome.settledIDs == [])
            #expect(try await store.operation(OperationID("a"), of: session.id)?.state == .pending)
            #expect(try await store.operation(OperationID("b"), of: session.id) == nil)
        }
    }

    @Test("an unchanged record may settle, and a commit may deliver", arguments: StoreKind.allCases)
    func settlesWithoutContent(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (session, other) = (try StoreActor(), try StoreActor("other"))
            _ = try await store.deliver(delivery("a", to: session.id))
            _ = try await store.deliver(delivery("kept", to: other.id, payload: #"{"old":1}"#))
            _ = try await session.seal(store)
            let outcome = try await store.commit(
                [session.write(.none)],
                settlements: [
                    Settlement(
                        record: session.id, id: try OperationID("a"), state: .dead, attempts: 5, lastError: "why")
                ],
                deliveries: [try delivery("refund", to: other.id), try delivery("kept", to: other.id)]
            )
            #expect(outcome == .committed)
            #expect(try await store.read(session.id)?.version == 0)
            #expect(try await store.operation(OperationID("a"), of: session.id)?.lastError == "why")
            #expect(try await store.operation(OperationID("refund"), of: other.id)?.state == .pending)
            #expect(try await store.operation(OperationID("kept"), of: other.id)?.payload == Array(#"{"old":1}"#.utf8))
        }
    }

    @Test("pending operations of many records are found by state, in order of delivery", arguments: StoreKind.allCases)
    func findsPending(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let sessions = try (0..<3).map { try StoreActor("key\($0)") }
            for id in ["z", "a", "m"] {
                for session in sessions { _ = try await store.deliver(delivery(id, to: session.id)) }
            }
            _ = try await sessions[0].seal(store)
            let settlement = Settlement(
                record: sessions[0].id, id: try OperationID("a"), state: .cancelled, attempts: 0)
            #expect(try await store.commit([sessions[0].write(.none)], settlements: [settlement]) == .committed)
            let found = try await store.pendingOperations(of: [sessions[0].id, sessions[2].id])
            func ids(_ index: Int) -> [String] {
                found.filter { $0.record == sessions[index].id }.map(\.id.description)
            }
            #expect(ids(0) == ["z", "m"] && ids(1) == [] && ids(2) == ["z", "a", "m"])
            #expect(try await store.pendingOperations(of: []).isEmpty)

            let all = try await store.operations(of: sessions[0].id, after: 0, limit: 2)
            #expect(all.map(\.id.description) == ["z", "a"])
            let rest = try await store.operations(of: sessions[0].id, after: all[1].sequence, limit: 2)
            #expect(rest.map(\.id.description) == ["m"])
        }
    }

    @Test("a record takes 1,000 pending operations and no more", arguments: StoreKind.allCases)
    func boundsPending(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            // One record cannot be named twice in a group, so commits of another record deliver in bulk.
            let courier = try StoreActor("courier")
            _ = try await courier.seal(store)
            let deliveries = try (0..<999).map { try delivery("op\($0)", to: session.id) }
            #expect(try await store.commit([courier.write(.none)], deliveries: deliveries) == .committed)
            #expect(try await store.deliver(delivery("last", to: session.id)) == .delivered)
            #expect(try await store.deliver(delivery("over", to: session.id)) == .full)
            #expect(try await store.deliver(delivery("last", to: session.id)) == .duplicate(.pending))
            #expect(try await session.seal(store).sealed?.pending.count == 1_000)
            let settlement = Settlement(record: session.id, id: try OperationID("op5"), state: .applied, attempts: 1)
            #expect(try await store.commit([session.write(.none)], settlements: [settlement]) == .committed)
            #expect(try await store.deliver(delivery("over", to: session.id)) == .delivered)
        }
    }
}
