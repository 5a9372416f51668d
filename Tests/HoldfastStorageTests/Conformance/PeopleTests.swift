import HoldfastStorage
import TestServers
import Testing

@Suite("Every store: people and erasure")
struct PeopleTests {
    @Test("records are found by the people they name, as they stand", arguments: StoreKind.allCases)
    func finds(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var (one, two, chest) = (try StoreActor("1"), try StoreActor("2"), try StoreActor("c", in: "chests"))
            for actor in [one, two, chest] { _ = try await actor.seal(store) }
            try await one.saved(store, "x", userIDs: ["ann", "ben", "ann"])
            try await two.saved(store, "x", userIDs: ["ann"])
            try await chest.saved(store, "x", userIDs: ["ann", "\u{e9}\u{0}1", "quote\"\\\u{1}", ""])
            #expect(try await store.records(of: "ann") == [chest.id, one.id, two.id])
            #expect(try await store.records(of: "ben") == [one.id])
            #expect(try await store.records(of: "an").isEmpty)
            #expect(try await store.records(of: "\u{e9}\u{0}1") == [chest.id])
            for near in ["\u{e9}", "\u{e9}\u{0}", "\u{e9}\u{0}2", "e\u{301}\u{0}1"] {
                #expect(try await store.records(of: near).isEmpty)
            }
            #expect(try await store.records(of: "quote\"\\\u{1}") == [chest.id])

            try await one.saved(store, "y", userIDs: ["ann", "ben"])
            try await one.saved(store, "y", userIDs: ["ben", "cat"])
            #expect(try await store.records(of: "ann") == [chest.id, two.id])
            #expect(try await store.records(of: "cat") == [one.id])
            try await two.deleted(store)
            #expect(try await store.records(of: "ann") == [chest.id])
            _ = try await two.seal(store)
            try await two.saved(store, "z", userIDs: ["ann"])
            #expect(try await store.records(of: "ann") == [chest.id, two.id])
            let refused = one.rival(token: 1).write(.content(try content("late", userIDs: ["dan"])))
            #expect(try await store.commit([refused]).refusedRows != nil)
            #expect(try await store.records(of: "dan").isEmpty)
        }
    }

    @Test("they are read in pages, in order of collection and key", arguments: StoreKind.allCases)
    func pages(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let actors = try (0..<23).map { try StoreActor("\($0)", in: $0 % 2 == 0 ? "even" : "odd") }
            for var actor in actors {
                _ = try await actor.seal(store)
                // The others come up under the same name where a name ends at NUL.
                let user = actor.id.key.bytes.count == 1 ? "ann\u{0}" : "ann"
                try await actor.saved(store, "x", userIDs: [user])
            }
            let expected = actors.map(\.id).filter { $0.key.bytes.count == 2 }.sorted()
            var found: [RecordID] = []
            while case let page = try await store.records(of: "ann", after: found.last, limit: 5), !page.isEmpty {
                #expect(page.count <= 5)
                found += page
            }
            #expect(found == expected && found.count == 13)
            for (user, limit) in [("", 5), (String(repeating: "a", count: 1_001), 5), ("ann", 0), ("ann", 1_001)] {
                let error = await #expect(throws: StoreError.self) { try await store.records(of: user, limit: limit) }
                #expect(error?.code == .badInput)
            }
        }
    }

    @Test("content names no more people than the limits allow", arguments: StoreKind.allCases)
    func checksContent(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            let long = String(repeating: "a", count: 1_000)
            for userIDs in [[long + "a"], (0...1_000).map { "\($0)" }] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.commit([session.write(.content(content("x", userIDs: userIDs)))])
                }
                #expect(error?.code == .badInput)
            }
            let full = [long] + (0..<999).map { "\($0)" }
            #expect(try await store.commit([session.write(.content(content("x", userIDs: full)))]) == .committed)
            #expect(try await store.records(of: long) == [session.id])
            #expect(try await store.records(of: "998") == [session.id])
        }
    }

    @Test(
        "an erased record leaves a tombstone and the ids of its operations, whoever had it open",
        arguments: StoreKind.allCases)
    func erases(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var (session, other) = (try StoreActor(), try StoreActor("other"))
            for actor in [session, other] { _ = try await actor.seal(store) }
            for id in ["done", "failed", "open"] { _ = try await store.deliver(delivery(id, to: session.id)) }
            _ = try await store.deliver(delivery("done", to: other.id))
            try await session.saved(store, "secret", userIDs: ["ann"], parts: [part("a")])
            try await other.saved(store, "other", userIDs: ["ann"], parts: [part("a")])
            let settlements = [
                Settlement(record: session.id, id: try OperationID("done"), state: .applied, attempts: 1),
                Settlement(
                    record: session.id, id: try OperationID("failed"), state: .dead, attempts: 9, lastError: "secret"),
            ]
            var write = session.write(.content(try content("secret", userIDs: ["ann"])))
            write.keeps = .always(reason: "test")
            #expect(try await store.commit([write], settlements: settlements) == .committed)
            session.version = 2
            let before = try #require(await store.read(session.id))
            let untouched = try await store.read(other.id)

            #expect(try await store.erase(session.id))
            let row = try #require(await store.read(session.id))
            #expect(row.content == nil && row.owner == nil && row.fence == before.fence + 1 && row.version == 3)
            #expect(row.saveID != before.saveID)
            #expect(try await store.kept(session.id).isEmpty)
            #expect(try await store.historyContent(of: session.id, version: 1) == nil)
            #expect(try await store.parts(of: session.id).isEmpty)
            #expect(try await store.records(of: "ann") == [other.id])
            let operations = try await store.operations(of: session.id, after: 0, limit: 10)
            #expect(operations.map(\.id.description) == ["done", "failed", "open"])
            #expect(operations.map(\.state) == [.applied, .dead, .cancelled])
            #expect(operations.allSatisfy { $0.payload.isEmpty && $0.lastError == nil && $0.finishedAtMillis != nil })
            #expect(try await store.deliver(delivery("open", to: session.id)) == .duplicate(.cancelled))

            #expect(try await session.save(store, "late").refusedRows != nil)
            #expect(try await !store.erase(session.id))
            #expect(try await store.read(session.id) == row)
            #expect(try await store.read(other.id) == untouched)
            #expect(try await store.parts(of: other.id).count == 1)
            #expect(try await store.operation(OperationID("done"), of: other.id)?.payload.isEmpty == false)
        }
    }

    @Test(
        "what was never saved is erased as well: operations that wait, and the session that holds it",
        arguments: StoreKind.allCases)
    func erasesUnsaved(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            #expect(try await !store.erase(session.id))
            #expect(try await store.read(session.id) == nil)
            _ = try await store.deliver(delivery("gift", to: session.id))
            #expect(try await store.erase(session.id))
            #expect(try await store.pendingOperations(of: [session.id]).isEmpty)
            #expect(try await store.read(session.id) == nil)
            _ = try await session.seal(store)
            #expect(try await store.erase(session.id))
            let row = try #require(await store.read(session.id))
            #expect(row.version == 0 && row.fence == 2 && row.owner == nil && row.saveID == nil)
            #expect(try await session.save(store, "late").refusedRows != nil)
        }
    }

    @Test("an erasure whose answer was lost is repeated without harm", arguments: StoreKind.allCases)
    func repeatsErasure(kind: StoreKind) async throws {
        try await withStore(kind) { inner in
            let store = FailingStore(inner) { call in
                if case .erase = call.kind { return call.number == 3 ? .after() : .none }
                return .none
            }
            var session = try StoreActor()
            _ = try await session.seal(store)
            try await session.saved(store, "x")
            await #expect(throws: StoreError.self) { try await store.erase(session.id) }
            #expect(try await !store.erase(session.id))
            let row = try #require(await store.read(session.id))
            #expect(row.version == 2 && row.fence == 2)
        }
    }

    @Test("erasures are remembered once each with their last time, in order", arguments: StoreKind.allCases)
    func remembers(kind: StoreKind) async throws {
        try await withTimedStore(kind) { store, time in
            #expect(try await store.erasures(after: nil, limit: 5).isEmpty)
            for user in ["ben", "\u{e9}", "ann", "e\u{301}", "a\u{0}b"] {
                try await store.rememberErasure(ofUser: user)
            }
            let first = try await store.erasures(after: nil, limit: 10)
            #expect(
                first.map { Array($0.userID.utf8) }
                    == ["a\u{0}b", "ann", "ben", "e\u{301}", "\u{e9}"].map { Array($0.utf8) })
            #expect(first.allSatisfy { $0.rememberedAtMillis > 1_600_000_000_000 })
            try await time.pass(StoreTime.hour)
            // PostgreSQL's clock is the real one.
            try await eventually("the newer time is remembered") {
                try await store.rememberErasure(ofUser: "ann")
                return try await store.erasures(after: "a", limit: 2)[1].rememberedAtMillis
                    > first[1].rememberedAtMillis
            }
            let later = try await store.erasures(after: nil, limit: 10)
            #expect(later.map(\.userID) == first.map(\.userID))
            #expect(later.indices.allSatisfy { $0 == 1 || later[$0] == first[$0] })
            #expect(try await store.erasures(after: "ann", limit: 2) == Array(first[2...3]))
            #expect(try await store.erasures(after: "b", limit: 1) == [first[2]])
            for user in ["", String(repeating: "a", count: 1_001)] {
                let error = await #expect(throws: StoreError.self) { try await store.rememberErasure(ofUser: user) }
                #expect(error?.code == .badInput)
            }
        }
    }
}
