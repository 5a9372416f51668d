import HoldfastStorage
import Testing

@Suite("Every store: commit")
struct CommitTests {
    @Test("a save raises the version and keeps every field", arguments: StoreKind.allCases)
    func saves(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor()
            _ = try await session.seal(store)
            let saveID = RandomID.random()
            let first = try content("one")
            #expect(try await store.commit([session.write(.content(first), saveID: saveID)]) == .committed)
            let row = try #require(await store.read(session.id))
            #expect(row.version == 1 && row.saveID == saveID && row.content == first && row.owner == session.owner)
            #expect(row.createdAtMillis > 1_600_000_000_000 && row.updatedAtMillis >= row.createdAtMillis)
            session.version = 1
            var second = try content(String(repeating: "long ", count: 1_000), userIDs: [])
            second.metadata = nil
            #expect(try await store.commit([session.write(.content(second), releases: true)]) == .committed)
            let later = try #require(await store.read(session.id))
            #expect(later.version == 2 && later.content == second && later.owner == nil && later.fence == 1)
            #expect(later.createdAtMillis == row.createdAtMillis)
        }
    }

    @Test("a fenced save is refused, shows the row, and the stored bytes stay", arguments: StoreKind.allCases)
    func refusesFenced(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor(token: 3)
            _ = try await session.seal(store)
            _ = try await session.save(store, "kept")
            session.version = 1
            let rival = session.rival(token: 4)
            _ = try await rival.seal(store)
            let before = try await store.read(session.id)
            let row = try #require(await session.save(store, "lost").refusedRows?.first ?? nil)
            #expect(row.fence == 4 && row.owner == rival.owner && row.version == 1)
            #expect(try await store.read(session.id) == before)
        }
    }

    @Test("fence, nonce and version must all match", arguments: StoreKind.allCases)
    func comparesAll(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor(token: 3)
            _ = try await session.seal(store)
            var wrong = session
            wrong.token = 2
            #expect(try await wrong.save(store, "x").refusedRows != nil)
            wrong.token = 4
            #expect(try await wrong.save(store, "x").refusedRows != nil)
            wrong = session
            wrong.version = 1
            #expect(try await wrong.save(store, "x").refusedRows != nil)
            #expect(try await session.rival(token: 3).save(store, "x").refusedRows != nil)
            #expect(try await store.read(session.id)?.version == 0)
            #expect(try await session.save(store, "x") == .committed)
        }
    }

    @Test("a save never inserts", arguments: StoreKind.allCases)
    func neverInserts(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            #expect(try await session.save(store, "x") == .refused(rows: [nil], settled: []))
            #expect(try await store.read(session.id) == nil)
        }
    }

    @Test("a repeated save finds its own save id in the refusal", arguments: StoreKind.allCases)
    func repeats(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            let saveID = RandomID.random()
            #expect(try await session.save(store, "x", saveID: saveID) == .committed)
            let row = try #require(await session.save(store, "x", saveID: saveID).refusedRows?.first ?? nil)
            #expect(row.saveID == saveID && row.version == 1)
            #expect(try await store.read(session.id)?.version == 1)
        }
    }

    @Test("a trade writes both records or neither", arguments: StoreKind.allCases)
    func trades(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (one, two) = (try StoreActor("one"), try StoreActor("two"))
            _ = try await one.seal(store)
            _ = try await two.seal(store)
            let rival = two.rival(token: 2)
            _ = try await rival.seal(store)
            let writes = [one.write(.content(try content("a"))), two.write(.content(try content("b")))]
            let rows = try #require(await store.commit(writes).refusedRows)
            #expect(rows.count == 2 && rows[0]?.owner == one.owner && rows[1]?.owner == rival.owner)
            #expect(try await store.read(one.id)?.version == 0)
            let both = [rival.write(.content(try content("b"))), one.write(.content(try content("a")))]
            #expect(try await store.commit(both) == .committed)
            #expect(try await store.read(one.id)?.version == 1)
            #expect(try await store.read(two.id)?.version == 1)
        }
    }

    @Test(
        "a deleted record is a tombstone: fence and version go up, owner and data are gone",
        arguments: StoreKind.allCases)
    func deletes(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor(token: 4)
            _ = try await session.seal(store)
            _ = try await session.save(store, "x")
            session.version = 1
            let saveID = RandomID.random()
            #expect(try await store.commit([session.write(.tombstone, saveID: saveID)]) == .committed)
            let row = try #require(await store.read(session.id))
            #expect(
                row.version == 2 && row.fence == 5 && row.owner == nil && row.content == nil && row.saveID == saveID)
            #expect(try await store.list(session.id.collection, startingWith: [], after: nil, limit: 10).isEmpty)
            session.version = 2
            #expect(try await session.save(store, "back").refusedRows != nil)
            var next = session.rival(token: 6)
            let sealed = try #require(await next.seal(store).sealed)
            #expect(sealed.document == .none && sealed.version == 2)
            next.version = 2
            #expect(try await next.save(store, "new") == .committed)
            #expect(try await store.read(session.id)?.version == 3)
        }
    }

    @Test("a refused member never fails its group", arguments: StoreKind.allCases)
    func keepsMembersApart(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let actors = try (0..<6).map { try StoreActor("key\($0)") }
            let seals = actors.map {
                StoreRequest.seal(SealRequest(id: $0.id, token: $0.token, owner: $0.owner))
            }
            #expect(try await store.execute(seals).count == 6)
            let group: [StoreRequest] = try actors.enumerated().map { index, actor in
                var actor = actor
                if index % 2 == 1 { actor.version = 7 }
                return .commit(CommitRequest(writes: [actor.write(.content(try content("\(index)")))]))
            }
            let replies = try await store.execute(group)
            for (index, reply) in replies.enumerated() {
                guard case .commit(let outcome) = reply else { throw Unexpected() }
                #expect((outcome == .committed) == (index % 2 == 0))
                #expect(try await store.read(actors[index].id)?.version == (index % 2 == 0 ? 1 : 0))
            }
            #expect(try await store.execute([]).isEmpty)
        }
    }

    @Test("a full group of 256 members commits at once", arguments: StoreKind.allCases)
    func takesFullGroups(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let actors = try (0..<256).map { try StoreActor("key\($0)") }
            _ = try await store.execute(actors.map { .seal(SealRequest(id: $0.id, token: 1, owner: $0.owner)) })
            let replies = try await store.execute(
                actors.map { .commit(CommitRequest(writes: [$0.write(.content(try content("x")))])) }
            )
            #expect(replies.count == 256 && replies.allSatisfy { $0 == .commit(.committed) })
            #expect(try await store.collections().map(\.records) == [256])
        }
    }

    @Test("requests outside the limits are refused as bad input and change nothing", arguments: StoreKind.allCases)
    func checksInput(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            let write = session.write(.content(try content("x")))
            let bad: [[StoreRequest]] = [
                [.commit(CommitRequest(writes: []))],
                [.commit(CommitRequest(writes: [write, write]))],
                [.commit(CommitRequest(writes: [write])), .commit(CommitRequest(writes: [write]))],
                [.seal(SealRequest(id: session.id, token: 0, owner: session.owner))],
                [.deliver(try delivery("a", to: session.id, payload: String(repeating: "1", count: 65_537)))],
                [.deliver(try delivery("a", to: session.id, type: ""))],
            ]
            for group in bad {
                let error = await #expect(throws: StoreError.self) { try await store.execute(group) }
                #expect(error?.code == .badInput)
            }
            #expect(try await store.read(session.id)?.version == 0)
        }
    }

    @Test(
        "bytes that do not match their checksum are handed out as they are, and refused when opened",
        arguments: StoreKind.allCases)
    func leavesCorruptBytes(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor()
            _ = try await session.seal(store)
            var corrupt = try content("x")
            corrupt.payload = Payload(bytes: corrupt.payload.bytes.map { $0 ^ 1 }, checksum: 1, documentBytes: 12)
            #expect(try await store.commit([session.write(.content(corrupt))]) == .committed)
            let next = session.rival(token: 2)
            let sealed = try #require(await next.seal(store).sealed)
            #expect(sealed.document == .stored(corrupt))
            #expect(#expect(throws: StoreError.self) { try corrupt.payload.document() }?.code == .corrupt)
            let row = try #require(await store.read(session.id))
            #expect(row.content == corrupt && row.version == 1)
            session.version = 1
        }
    }
}
