import HoldfastStorage
import Testing

@Suite("Every store: seal")
struct SealTests {
    @Test("a seal creates a missing row at version 0, which is not listed", arguments: StoreKind.allCases)
    func creates(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            let sealed = try #require(await session.seal(store).sealed)
            #expect(sealed.version == 0 && sealed.saveID == nil && sealed.document == .none && sealed.pending.isEmpty)
            let row = try #require(await store.read(session.id))
            #expect(row.fence == 1 && row.owner == session.owner && row.content == nil)
            #expect(try await store.list(session.id.collection, startingWith: [], after: nil, limit: 10).isEmpty)
            #expect(try await store.collections().isEmpty)
        }
    }

    @Test("a higher token takes the row, a lower one is refused and told the owner", arguments: StoreKind.allCases)
    func supersedes(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let old = try StoreActor(token: 5)
            _ = try await old.seal(store)
            let new = old.rival(token: 6)
            #expect(try await new.seal(store).sealed != nil)
            let stale = try #require(await old.seal(store).stale)
            #expect(stale.fence == 6 && stale.owner == new.owner)
            // A fence never goes down.
            #expect(try await store.read(old.id)?.fence == 6)
        }
    }

    @Test("an equal token repeats only under the same nonce", arguments: StoreKind.allCases)
    func repeats(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor(token: 5)
            #expect(try await session.seal(store).sealed != nil)
            #expect(try await session.seal(store).sealed != nil)
            let rival = session.rival(token: 5)
            #expect(try await rival.seal(store).stale?.owner == session.owner)
            #expect(try await store.read(session.id)?.owner == session.owner)
        }
    }

    @Test(
        "a released row keeps its fence: an equal token of another nonce stays refused", arguments: StoreKind.allCases)
    func keepsFenceAfterRelease(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor(token: 5)
            _ = try await session.seal(store)
            #expect(try await store.commit([session.write(.none, releases: true)]) == .committed)
            #expect(try await store.read(session.id)?.owner == nil)
            #expect(try await session.rival(token: 5).seal(store).stale?.fence == 5)
            #expect(try await session.seal(store).stale?.fence == 5)
            #expect(try await session.rival(token: 6).seal(store).sealed != nil)
        }
    }

    @Test(
        "a live session seals again only where fence, owner and version are still its own",
        arguments: StoreKind.allCases)
    func sealsAgain(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor(token: 5)
            _ = try await session.seal(store)
            #expect(try await session.save(store, "one") == .committed)
            session.version = 1
            let mine = SealRequest.Condition.stillMine(fence: 5, version: 1)
            session.token = 8
            #expect(try await session.seal(store, condition: .stillMine(fence: 5, version: 0)).stale?.version == 1)
            #expect(try await session.seal(store, condition: .stillMine(fence: 4, version: 1)).stale?.fence == 5)
            #expect(try await session.rival(token: 8).seal(store, condition: mine).stale?.owner == session.owner)
            #expect(try await store.read(session.id)?.fence == 5)
            #expect(try await session.seal(store, condition: mine).sealed?.version == 1)
            #expect(try await store.read(session.id)?.fence == 8)
            // The repeated request finds its own work.
            #expect(try await session.seal(store, condition: mine).sealed != nil)
        }
    }

    @Test("a live session never takes a fence back, whatever token it got", arguments: StoreKind.allCases)
    func neverTakesBack(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor(token: 5)
            _ = try await session.seal(store)
            let rival = session.rival(token: 6)
            _ = try await rival.seal(store)
            session.token = 9
            let stale = try await session.seal(store, condition: .stillMine(fence: 5, version: 0)).stale
            #expect(stale?.owner == rival.owner)
            session.token = 4
            _ = try await rival.seal(store)
            #expect(try await session.seal(store, condition: .stillMine(fence: 6, version: 0)).stale != nil)
            #expect(try await store.read(session.id)?.fence == 6)
        }
    }

    @Test("a live session whose row is gone does not start a new one", arguments: StoreKind.allCases)
    func doesNotRecreate(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor(token: 5)
            let stale = try await session.seal(store, condition: .stillMine(fence: 4, version: 2)).stale
            #expect(stale == RowState(version: 0, fence: 0, owner: nil, saveID: nil))
            #expect(try await store.read(session.id) == nil)
        }
    }

    @Test("a seal gives the document, or only what a matching hot copy lacks", arguments: StoreKind.allCases)
    func usesHotCopies(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            let saveID = RandomID.random()
            let saved = try content("hello")
            #expect(try await store.commit([session.write(.content(saved), saveID: saveID)]) == .committed)
            var hot = HotReference(version: 1, saveID: saveID, checksum: saved.payload.checksum)
            let next = session.rival(token: 2)
            let matched = try await next.seal(store, hot: hot).sealed
            #expect(
                matched?.document
                    == .hotCopyMatches(schema: saved.schema, userIDs: saved.userIDs, metadata: saved.metadata)
            )
            #expect(matched?.version == 1 && matched?.saveID == saveID)
            #expect(try await next.seal(store).sealed?.document == .stored(saved))
            hot.checksum &+= 1
            #expect(try await next.seal(store, hot: hot).sealed?.document == .stored(saved))
            hot = HotReference(version: 2, saveID: saveID, checksum: saved.payload.checksum)
            #expect(try await next.seal(store, hot: hot).sealed?.document == .stored(saved))
            hot = HotReference(version: 1, saveID: .random(), checksum: saved.payload.checksum)
            #expect(try await next.seal(store, hot: hot).sealed?.document == .stored(saved))
        }
    }

    @Test("an unlock raises the fence, so that the holder can save no more", arguments: StoreKind.allCases)
    func raisesFence(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor(token: 5)
            #expect(try await store.raiseFence(of: session.id) == nil)
            _ = try await session.seal(store)
            #expect(try await store.raiseFence(of: session.id) == 6)
            let row = try #require(await session.save(store, "late").refusedRows?.first ?? nil)
            #expect(row.fence == 6 && row.owner == nil && row.version == 0)
        }
    }

    @Test("an unlock of one token stops that token and older ones, and no newer session", arguments: StoreKind.allCases)
    func raisesFenceOfToken(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor(token: 5)
            #expect(try await store.raiseFence(of: session.id, unlessAbove: 5) == nil)
            _ = try await session.seal(store)
            #expect(try await store.raiseFence(of: session.id, unlessAbove: 4) == nil)
            #expect(try await store.read(session.id)?.owner == session.owner)
            // Its token was minted, but has not been sealed yet: it must not be any more.
            let late = session.rival(token: 9)
            #expect(try await store.raiseFence(of: session.id, unlessAbove: 9) == 10)
            #expect(try await late.seal(store).stale?.fence == 10)
            #expect(try await session.save(store, "late").refusedRows?.first??.owner == nil)
            #expect(try await store.raiseFence(of: session.id, unlessAbove: 9) == nil)
            let newer = session.rival(token: 11)
            _ = try await newer.seal(store)
            #expect(try await store.raiseFence(of: session.id, unlessAbove: 10) == nil)
            #expect(try await newer.save(store, "kept") == .committed)
        }
    }
}
