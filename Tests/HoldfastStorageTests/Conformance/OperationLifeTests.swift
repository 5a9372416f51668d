import HoldfastStorage
import Testing

@Suite("Every store: the life of an operation")
struct OperationLifeTests {
    @Test(
        "one whose time is over is expired by whoever meets it, and can never be applied", arguments: StoreKind.allCases
    )
    func expires(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            for id in ["met", "cancelled", "listed", "begun"] {
                _ = try await store.deliver(delivery(id, to: session.id, timeToLive: id == "begun" ? 60_000 : 1))
            }
            _ = try await store.deliver(delivery("lasting", to: session.id, timeToLive: 3_600_000))
            let begun = [try settlement("begun", of: session, .pending, progress: "{}")]
            #expect(try await store.commit([session.write(.none)], settlements: begun) == .committed)
            try await untilExpired(["met", "cancelled", "listed"], of: session.id, in: store)

            #expect(try await store.deliver(delivery("met", to: session.id)) == .duplicate(.expired))
            #expect(try await store.cancelOperation(OperationID("cancelled"), of: session.id) == .settled(.expired))
            _ = try await store.expireOperations(of: session.id)
            #expect(try await store.expireOperations(of: session.id) == 0)
            for id in ["met", "cancelled", "listed"] {
                let receipt = try #require(await store.operation(OperationID(id), of: session.id))
                #expect(receipt.state == .expired && receipt.finishedAtMillis != nil, "\(id)")
                let late = [try settlement(id, of: session, .applied)]
                let outcome = try await store.commit([session.write(.none)], settlements: late)
                #expect(outcome.settledIDs == [try OperationID(id)])
            }
            let pending = try await store.pendingOperations(of: [session.id])
            #expect(pending.map(\.id.description) == ["begun", "lasting"])
            let lasting = try #require(pending.last)
            #expect(lasting.expiresAtMillis == lasting.deliveredAtMillis + 3_600_000)
            #expect(lasting.readAtMillis >= lasting.deliveredAtMillis)
        }
    }

    @Test("what has expired leaves room on a full list", arguments: StoreKind.allCases)
    func makesRoom(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (session, courier) = (try StoreActor(), try StoreActor("courier"))
            _ = try await courier.seal(store)
            let deliveries = try (0..<1_000).map { try delivery("op\($0)", to: session.id, timeToLive: 1) }
            #expect(try await store.commit([courier.write(.none)], deliveries: deliveries) == .committed)
            try await untilExpired(["op999"], of: session.id, in: store)
            #expect(try await store.deliver(delivery("fresh", to: session.id)) == .delivered)
            #expect(try await store.pendingOperations(of: [session.id]).map(\.id.description) == ["fresh"])
        }
    }

    @Test("a delay, a backoff and the progress of steps are kept with the row", arguments: StoreKind.allCases)
    func waits(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await store.deliver(delivery("later", to: session.id, delay: 60_000))
            _ = try await store.deliver(delivery("failing", to: session.id))
            _ = try await store.deliver(delivery("stepping", to: session.id))
            _ = try await session.seal(store)
            let settlements = [
                try settlement("failing", of: session, .pending, attempts: 3, retryAfter: 90_000),
                try settlement("stepping", of: session, .pending, progress: #"{"left":2}"#),
            ]
            let write = session.write(.content(try content("x")))
            #expect(try await store.commit([write], settlements: settlements) == .committed)
            let found = try #require(await session.seal(store).sealed?.pending)
            #expect(found.map(\.id.description) == ["stepping", "later", "failing"])
            #expect(found[0].dueAtMillis == nil && found[0].progress == Array(#"{"left":2}"#.utf8))
            #expect(found[1].dueAtMillis == found[1].deliveredAtMillis + 60_000)
            let due = try #require(found[2].dueAtMillis)
            #expect(found[2].attempts == 3 && due >= found[2].deliveredAtMillis + 90_000)
            #expect(due <= found[2].readAtMillis + 90_000)
            #expect(found.allSatisfy { $0.expiresAtMillis == nil })

            var later = session
            later.version = 1
            let last = [
                try settlement("failing", of: later, .applied),
                try settlement("stepping", of: later, .dead, progress: "3"),
            ]
            #expect(try await store.commit([later.write(.none)], settlements: last) == .committed)
            let applied = try #require(await store.operation(OperationID("failing"), of: session.id))
            #expect(applied.dueAtMillis == nil && applied.progress == nil)
            #expect(try await store.operation(OperationID("stepping"), of: session.id)?.progress == [0x33])
        }
    }

    @Test("a thousand that wait hide none that is due", arguments: StoreKind.allCases)
    func dueFirst(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (session, courier) = (try StoreActor(), try StoreActor("courier"))
            _ = try await courier.seal(store)
            let waiting = try (0..<999).map { try delivery("wait\($0)", to: session.id, delay: 3_600_000) }
            #expect(try await store.commit([courier.write(.none)], deliveries: waiting) == .committed)
            #expect(try await store.deliver(delivery("due", to: session.id)) == .delivered)
            let page = try await store.pendingOperations(of: [courier.id, session.id])
            #expect(page.count == 1_000 && page.first?.id.description == "due")
            #expect(page.dropFirst().map(\.sequence) == page.dropFirst().map(\.sequence).sorted())
            let sealed = try #require(await session.seal(store).sealed?.pending)
            #expect(sealed.map(\.id) == page.map(\.id))
        }
    }

    @Test("what a commit delivers to a full list is a dead letter from the start", arguments: StoreKind.allCases)
    func fullList(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (session, courier) = (try StoreActor(), try StoreActor("courier"))
            _ = try await courier.seal(store)
            let first = try (0..<998).map { try delivery("op\($0)", to: session.id) }
            #expect(try await store.commit([courier.write(.none)], deliveries: first) == .committed)
            let last = try (998..<1_002).map { try delivery("op\($0)", to: session.id) }
            #expect(try await store.commit([courier.write(.none)], deliveries: last) == .committed)
            let rows = try await store.operations(of: session.id, after: 0, limit: 1_000)
            #expect(rows.count == 1_000 && rows.allSatisfy { $0.state == .pending })
            let rest = try await store.operations(of: session.id, after: rows[999].sequence, limit: 10)
            #expect(rest.map(\.id.description) == ["op1000", "op1001"])
            #expect(rest.allSatisfy { $0.state == .dead && $0.finishedAtMillis != nil && !$0.payload.isEmpty })
            #expect(rest.allSatisfy { $0.lastError == "the record had 1000 pending operations" })
            #expect(try await store.deliver(delivery("op1002", to: session.id)) == .full)
            // Such a letter goes on as any other once there is room.
            let (dead, fresh) = (try OperationID("op1000"), try OperationID("fresh"))
            #expect(try await store.requeueOperation(dead, of: session.id, as: fresh) == .full)
            #expect(try await store.cancelOperation(OperationID("op0"), of: session.id) == .cancelled)
            #expect(try await store.requeueOperation(dead, of: session.id, as: fresh) == .requeued)
        }
    }

    @Test("only what is pending and has not begun is cancelled", arguments: StoreKind.allCases)
    func cancels(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            for id in ["a", "applied", "begun"] { _ = try await store.deliver(delivery(id, to: session.id)) }
            let settlements = [
                try settlement("applied", of: session, .applied),
                try settlement("begun", of: session, .pending, progress: "{}"),
            ]
            #expect(try await store.commit([session.write(.none)], settlements: settlements) == .committed)
            func cancel(_ id: String) async throws -> OperationCancellation {
                try await store.cancelOperation(OperationID(id), of: session.id)
            }
            #expect(try await cancel("a") == .cancelled)
            #expect(try await cancel("a") == .settled(.cancelled))
            #expect(try await cancel("applied") == .settled(.applied))
            #expect(try await cancel("begun") == .begun)
            #expect(try await cancel("never") == .missing)
            let outcome = try await store.commit(
                [session.write(.content(try content("x")))], settlements: [settlement("a", of: session, .applied)])
            #expect(outcome.settledIDs == [try OperationID("a")])
            #expect(try await store.read(session.id)?.version == 0)
            #expect(try await store.deliver(delivery("a", to: session.id)) == .duplicate(.cancelled))
        }
    }

    @Test(
        "what is pending is failed by force, begun or not, and keeps what it takes to go on",
        arguments: StoreKind.allCases)
    func fails(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            for id in ["a", "applied", "begun"] {
                _ = try await store.deliver(delivery(id, to: session.id, payload: #"{"id":"\#(id)"}"#))
            }
            _ = try await store.deliver(delivery("late", to: session.id, timeToLive: 1))
            let settlements = [
                try settlement("applied", of: session, .applied),
                try settlement("begun", of: session, .pending, progress: #"{"step":1}"#),
            ]
            #expect(try await store.commit([session.write(.none)], settlements: settlements) == .committed)
            try await untilExpired(["late"], of: session.id, in: store)
            func fail(_ id: String, _ reason: String = "stuck") async throws -> OperationFailure {
                try await store.failOperation(OperationID(id), of: session.id, reason: reason)
            }
            #expect(try await fail("a", String(repeating: "x", count: 2_000)) == .failed)
            #expect(try await fail("a") == .settled(.dead))
            #expect(try await fail("applied") == .settled(.applied))
            #expect(try await fail("late") == .settled(.expired))
            #expect(try await fail("never") == .missing)
            #expect(try await fail("begun") == .failed)
            let cut = try #require(await store.operation(OperationID("a"), of: session.id))
            #expect(cut.state == .dead && cut.lastError?.utf8.count == 1_000 && cut.finishedAtMillis != nil)
            let begun = try #require(await store.operation(OperationID("begun"), of: session.id))
            #expect(
                begun.lastError == "stuck" && begun.progress == Array(#"{"step":1}"#.utf8) && !begun.payload.isEmpty)
            #expect(try await store.pendingOperations(of: [session.id]).isEmpty)
            let outcome = try await store.commit(
                [session.write(.content(try content("x")))], settlements: [settlement("a", of: session, .applied)])
            #expect(outcome.settledIDs == [try OperationID("a")])
            let again = try OperationID("again")
            #expect(try await store.requeueOperation(OperationID("begun"), of: session.id, as: again) == .requeued)
            #expect(try await store.operation(again, of: session.id)?.progress == begun.progress)
        }
    }

    @Test(
        "of a cancellation and the commit of the effect one comes first, and both say which",
        arguments: StoreKind.allCases)
    func races(kind: StoreKind) async throws {
        try await withStores(kind, 2) { stores in
            let session = try StoreActor()
            _ = try await session.seal(stores[0])
            for number in 0..<20 {
                let id = "op\(number)"
                _ = try await stores[0].deliver(delivery(id, to: session.id))
                async let cancelled = stores[1].cancelOperation(OperationID(id), of: session.id)
                async let committed = stores[0].commit(
                    [session.write(.none)], settlements: [settlement(id, of: session, .applied)])
                let (cancellation, commit) = (try await cancelled, try await committed)
                let state = try await stores[0].operation(OperationID(id), of: session.id)?.state
                if cancellation == .cancelled {
                    #expect(commit.settledIDs == [try OperationID(id)] && state == .cancelled)
                } else {
                    #expect(cancellation == .settled(.applied) && commit == .committed && state == .applied)
                }
            }
        }
    }

    @Test("a dead letter is listed with its payload and goes on under a new id, once", arguments: StoreKind.allCases)
    func requeues(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            for id in ["dead", "other", "pending"] {
                _ = try await store.deliver(
                    delivery(id, to: session.id, payload: #"{"id":"\#(id)"}"#, timeToLive: 600_000))
            }
            let settlements = [
                try settlement("dead", of: session, .dead, attempts: 10, progress: "7"),
                try settlement("other", of: session, .dead),
            ]
            #expect(try await store.commit([session.write(.none)], settlements: settlements) == .committed)
            func requeue(_ id: String, _ newID: String) async throws -> OperationRequeue {
                try await store.requeueOperation(OperationID(id), of: session.id, as: OperationID(newID))
            }
            #expect(try await requeue("dead", "pending") == .taken)
            #expect(try await requeue("dead", "dead") == .taken)
            #expect(try await requeue("never", "new") == .missing)
            #expect(try await requeue("pending", "new") == .notDead(.pending))
            #expect(try await requeue("dead", "new") == .requeued)
            #expect(try await requeue("dead", "new") == .duplicate(.pending))
            #expect(try await requeue("dead", "newer") == .notDead(.cancelled))

            let old = try #require(await store.operation(OperationID("dead"), of: session.id))
            #expect(old.state == .cancelled && old.lastError == "requeued as new")
            let new = try #require(await store.pendingOperations(of: [session.id]).last)
            #expect(new.id == (try OperationID("new")) && new.attempts == 0 && new.lastError == nil)
            #expect(new.payload == Array(#"{"id":"dead"}"#.utf8) && new.type == "reward" && new.progress == [0x37])
            #expect(new.expiresAtMillis == nil && new.finishedAtMillis == nil)
            let dead = try await store.deadOperations(in: session.id.collection, after: 0, limit: 10)
            #expect(dead.map(\.id.description) == ["other"] && dead[0].payload == Array(#"{"id":"other"}"#.utf8))
        }
    }

    @Test(
        "operations are found by id over all records, and dead letters by collection, in pages",
        arguments: StoreKind.allCases)
    func finds(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let sessions = try (0..<3).map { try StoreActor("key\($0)", in: $0 == 1 ? "guilds" : "players") }
            for session in sessions {
                _ = try await session.seal(store)
                for id in ["gift", "e\u{301}"] { _ = try await store.deliver(delivery(id, to: session.id)) }
                let dead = [try settlement("gift", of: session, .dead)]
                #expect(try await store.commit([session.write(.none)], settlements: dead) == .committed)
            }
            func records(_ id: String, after sequence: Int64 = 0, limit: Int = 10) async throws -> [OperationRecord] {
                try await store.operations(withID: OperationID(id), after: sequence, limit: limit)
            }
            let all = try await records("gift")
            #expect(all.map(\.record) == sessions.map(\.id) && all.allSatisfy { $0.state == .dead })
            #expect(try await records("gift", limit: 2).map(\.record) == sessions.prefix(2).map(\.id))
            #expect(try await records("gift", after: all[1].sequence).map(\.record) == [sessions[2].id])
            #expect(try await records("\u{e9}").isEmpty)
            #expect(try await records("e\u{301}").count == 3)

            let dead = try await store.deadOperations(in: nil, after: 0, limit: 2)
            #expect(dead.map(\.record) == sessions.prefix(2).map(\.id))
            let rest = try await store.deadOperations(in: nil, after: dead[1].sequence, limit: 2)
            #expect(rest.map(\.record) == [sessions[2].id])
            let players = try await store.deadOperations(in: CollectionName("players"), after: 0, limit: 10)
            #expect(players.map(\.record) == [sessions[0].id, sessions[2].id])
            let error = await #expect(throws: StoreError.self) { try await records("gift", limit: 0) }
            #expect(error?.code == .badInput)
        }
    }

    @Test(
        "old receipts shrink to what recognises them, a page at a time; dead letters do not",
        arguments: StoreKind.allCases)
    func shortens(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            let ids = ["applied", "expired", "dead", "pending"]
            for id in ids { _ = try await store.deliver(delivery(id, to: session.id)) }
            let settlements = [
                try settlement("applied", of: session, .applied), try settlement("expired", of: session, .expired),
                try settlement("dead", of: session, .dead),
            ]
            #expect(try await store.commit([session.write(.none)], settlements: settlements) == .committed)
            let finished = try #require(
                try await store.operation(OperationID("applied"), of: session.id)?.finishedAtMillis)
            #expect(try await store.shortenReceipts(finishedBefore: finished, limit: 10) == 0)
            #expect(try await store.shortenReceipts(finishedBefore: finished + 60_000, limit: 1) == 1)
            #expect(try await store.shortenReceipts(finishedBefore: finished + 60_000, limit: 10) == 1)
            #expect(try await store.shortenReceipts(finishedBefore: finished + 60_000, limit: 10) == 0)
            let rows = try await store.operations(of: session.id, after: 0, limit: 10)
            #expect(rows.map(\.payload.isEmpty) == [true, true, false, false])
            #expect(rows.map(\.state) == [.applied, .expired, .dead, .pending] && rows[0].lastError == nil)
            #expect(try await store.deliver(delivery("applied", to: session.id)) == .duplicate(.applied))
            #expect(try await store.deliver(delivery("applied", to: session.id, type: "x")) == .conflict)

            // A requeue that is repeated long after is still the same one.
            let (dead, again) = (try OperationID("dead"), try OperationID("again"))
            #expect(try await store.requeueOperation(dead, of: session.id, as: again) == .requeued)
            #expect(try await store.shortenReceipts(finishedBefore: finished + 60_000, limit: 10) == 1)
            #expect(try await store.requeueOperation(dead, of: session.id, as: again) == .duplicate(.pending))
            let never = try OperationID("never")
            #expect(try await store.requeueOperation(dead, of: session.id, as: never) == .notDead(.cancelled))
        }
    }

    @Test("times and progress outside their limits are refused before anything is sent")
    func refuses() async throws {
        try await withStore(.memory) { store in
            let session = try StoreActor()
            for (ttl, delay) in [(0, 0), (-1, 0), (Delivery.maximumWaitMillis + 1, 0), (1, -1)] as [(Int64, Int64)] {
                let bad = try delivery("x", to: session.id, timeToLive: ttl, delay: delay)
                let error = await #expect(throws: StoreError.self) { try await store.deliver(bad) }
                #expect(error?.code == .badInput)
            }
            for bad in [
                try settlement("x", of: session, .pending, retryAfter: -1),
                try settlement("x", of: session, .pending, progress: ""),
                try settlement("x", of: session, .pending, progress: String(repeating: "1", count: 65_537)),
            ] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.commit([session.write(.none)], settlements: [bad])
                }
                #expect(error?.code == .badInput)
            }
        }
    }
}

private func delivery(
    _ id: String, to record: RecordID, payload: String = #"{"coins":1}"#, type: String = "reward",
    timeToLive: Int64? = nil, delay: Int64 = 0
) throws -> Delivery {
    Delivery(
        record: record, id: try OperationID(id), type: type, payload: Array(payload.utf8),
        timeToLiveMillis: timeToLive, delayMillis: delay)
}

private func settlement(
    _ id: String, of session: StoreActor, _ state: OperationState, attempts: Int = 1, retryAfter: Int64 = 0,
    progress: String? = nil
) throws -> Settlement {
    Settlement(
        record: session.id, id: try OperationID(id), state: state, attempts: attempts, lastError: "why",
        retryAfterMillis: retryAfter, progress: progress.map { Array($0.utf8) })
}

/// Waits for the store's clock; nothing is settled by that.
private func untilExpired(_ ids: [String], of record: RecordID, in store: any DurableStore) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
        let rows = try await store.operations(of: record, after: 0, limit: 1_000)
        if rows.filter({ ids.contains($0.id.description) }).allSatisfy({
            $0.state == .expired || $0.isExpired(atMillis: $0.readAtMillis)
        }) {
            return
        }
        try await Task.sleep(for: .milliseconds(2))
    }
    throw Unexpected()
}
