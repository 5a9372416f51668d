import HoldfastCoordination
import HoldfastStorage
import Testing

@testable import HoldfastProfiles

/// Server `b` reads what server `a` has saved.
@Suite("Aged reads from hot copies", .timeLimit(.minutes(10)))
struct AgedReadTests {
    private static let long = Duration.seconds(7_200)

    /// Two servers; reads of the second one's store are counted.
    private func pair(
        _ backend: InMemoryCoordinationBackend? = nil
    ) async throws -> (fleet: Fleet, a: Server, b: Server, reads: Log<Int>) {
        let fleet = try await Fleet()
        let reads = Log<Int>()
        let store = FailingStore(fleet.store) { call in
            if case .read = call.kind { reads.add(call.number) }
            return .none
        }
        let a = try await fleet.server("a", backend: backend.map { InMemoryCoordinationBackend(sharing: $0) })
        let b = try await fleet.server("b", store: store, backend: backend)
        return (fleet, a, b, reads)
    }

    @Test("a server reads what another has saved and released without the store, all that the store would say of it")
    func otherServer() async throws {
        let (fleet, a, b, reads) = try await pair()
        let key = Key(1)
        try await a.players.withSession(for: key) { session in
            try session.edit { $0.coins = 5 }
            try session.setUserIDs(["one", "two"])
            try session.setMetadata(["rank": "gold"])
        }
        let copy = try #require(try await b.players.read(key, maximumAge: Self.long))
        #expect(reads.all.isEmpty)
        let stored = try #require(try await a.players.read(key))
        #expect(copy.document == stored.document && copy.document.coins == 5)
        #expect(copy.version == stored.version && copy.schema == stored.schema && copy.fence == stored.fence)
        #expect(copy.owner == nil && stored.owner == nil)
        #expect(copy.userIDs == ["one", "two"] && stored.userIDs == copy.userIDs)
        #expect(copy.metadata != nil && copy.metadata == stored.metadata)
        #expect(copy.storedBytes == stored.storedBytes && copy.documentBytes == stored.documentBytes)
        #expect(copy.createdAtMillis > 0 && copy.createdAtMillis <= copy.updatedAtMillis)

        // Kept in memory, as old as it was in Redis.
        try await fleet.dropHotCopy(of: key)
        #expect(try await b.players.read(key, maximumAge: Self.long)?.version == copy.version)
        #expect(reads.all.isEmpty)
        #expect(try await b.players.read(key, maximumAge: .zero)?.version == copy.version)
        #expect(reads.all.count == 1)
        try await a.drain()
        try await b.drain()
    }

    @Test("a session that changes nothing leaves the dates of the store")
    func unchanged() async throws {
        let (_, a, b, reads) = try await pair()
        try await a.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 5 } }
        try await a.players.withSession(for: Key(1)) { _ in }
        let copy = try #require(try await b.players.read(Key(1), maximumAge: Self.long))
        #expect(reads.all.isEmpty)
        let stored = try #require(try await a.players.read(Key(1)))
        #expect(copy.createdAtMillis == stored.createdAtMillis && copy.updatedAtMillis == stored.updatedAtMillis)
        #expect(copy.fence == stored.fence && copy.version == 1)
        try await a.drain()
        try await b.drain()
    }

    @Test("a copy that is too old, says nothing of its age, is damaged or was dropped leaves the read to the store")
    func store() async throws {
        let (fleet, a, b, reads) = try await pair()
        for number: Int64 in 1...4 {
            try await a.players.withSession(for: Key(number)) { try $0.edit { $0.coins = Int(number) } }
        }
        let saved = ContinuousClock.now
        #expect(await eventually { ContinuousClock.now - saved > .milliseconds(20) })
        #expect(try await b.players.read(Key(1), maximumAge: .milliseconds(10))?.document.coins == 1)
        #expect(reads.all.count == 1)
        // As an older build leaves it.
        try await replaceCopy(of: Key(2), in: fleet) { $0.facts = nil }
        #expect(try await b.players.read(Key(2), maximumAge: Self.long)?.document.coins == 2)
        #expect(reads.all.count == 2)
        try await replaceCopy(of: Key(3), in: fleet) { $0.payload[$0.payload.count - 1] ^= 1 }
        #expect(try await b.players.read(Key(3), maximumAge: Self.long)?.document.coins == 3)
        #expect(reads.all.count == 3)
        let session = try await a.players.open(Key(4))
        try await session.delete()
        #expect(try await b.players.read(Key(4), maximumAge: Self.long) == nil)
        #expect(reads.all.count == 4)
        try await a.drain()
        try await b.drain()
    }

    private func replaceCopy(of key: Key, in fleet: Fleet, _ change: (inout HotCopy) -> Void) async throws {
        let id = RecordID(collection: try CollectionName("players"), key: key)
        var copy = try #require(try await fleet.backend.hotCopy(of: id, since: .now - Self.long))
        change(&copy)
        let owner = Owner(nonce: .random(), server: "x", boot: .random())
        _ = try await fleet.backend.acquire(AcquireRequest(id: id, owner: owner, lease: .seconds(60)))
        _ = try await fleet.backend.release(LeaseClaim(id: id, nonce: owner.nonce), hot: copy)
    }

    @Test("a server that Redis does not answer reads the store")
    func redisAway() async throws {
        let fleet = try await Fleet()
        let link = InMemoryCoordinationBackend(sharing: fleet.backend)
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b", backend: link))
        try await a.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 5 } }
        link.goOffline()
        #expect(try await b.players.read(Key(1), maximumAge: Self.long)?.document.coins == 5)
        link.goOnline()
        try await a.drain()
        try await b.drain()
    }

    @Test("the copy of a session that the store had moved on from counts from its last word with the store")
    func superseded() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        try await a.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 5 } }
        let session = try await a.players.open(Key(1))
        let opened = ContinuousClock.now
        // Redis shows the session's lease, as after a roll-back, while another server has taken the record and saved.
        let other = Owner(nonce: .random(), server: "x", boot: .random())
        let seal = SealRequest(id: session.id, token: session.token + 1, owner: other)
        guard case .seal(.sealed(let row)) = try await fleet.store.execute([.seal(seal)])[0] else {
            Issue.record("the seal was refused")
            return
        }
        let content = try #require(try await fleet.store.read(session.id)?.content)
        let write = RecordWrite(
            id: session.id, fence: seal.token, nonce: other.nonce, version: row.version, saveID: .random(),
            change: .content(content), releases: true)
        #expect(
            try await fleet.store.execute([.commit(CommitRequest(writes: [write]))]) == [.commit(.committed)])
        try await session.close()
        #expect(try await fleet.backend.hotCopy(of: session.id, since: .now - Self.long)?.reference.version == 1)
        #expect(try await fleet.backend.hotCopy(of: session.id, since: opened) == nil)
        try await a.drain()
    }

    @Test("a copy that Redis shows again after it went back does not undo what this server has read since")
    func rolledBack() async throws {
        // The clock of this Redis stands still: copies stay as young as they were.
        let redis = InMemoryCoordinationBackend(now: { 1_700_000_000_000 })
        let (_, a, b, reads) = try await pair(redis)
        try await a.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 1 } }
        let past = redis.snapshot()
        try await a.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 2 } }
        #expect(try await b.players.read(Key(1))?.document.coins == 2)
        let age = Duration.milliseconds(500)
        #expect(try await b.players.read(Key(1), maximumAge: .zero)?.document.coins == 2)
        let read = ContinuousClock.now
        redis.rollBack(to: past)
        #expect(await eventually { ContinuousClock.now - read > age })
        #expect(try await b.players.read(Key(1), maximumAge: age)?.document.coins == 2)
        #expect(reads.all.count == 3)
        try await a.drain()
        try await b.drain()
    }

    @Test("a reader shares a read under way, and reads anew where that brought something older than it takes")
    func sharing() {
        var cache = ReadCache<Int, String>(limit: 2)
        let start = ContinuousClock.now
        func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }
        guard case .start(let lenient) = cache.step(1, oldest: at(-60), now: at(0)),
            case .join(let joined) = cache.step(1, oldest: at(-5), now: at(1))
        else {
            Issue.record("the second reader does not share the read")
            return
        }
        #expect(lenient === joined)
        cache.ended(1, lenient, ReadCache<Int, String>.Found(value: "copy", asOf: at(-30)))
        guard case .cached("copy") = cache.step(1, oldest: at(-30), now: at(2)),
            case .start(let strict) = cache.step(1, oldest: at(-5), now: at(2))
        else {
            Issue.record("what was read does not count from when it was current")
            return
        }
        #expect(cache.last(1) == "copy")
        cache.ended(1, lenient, ReadCache<Int, String>.Found(value: "late", asOf: at(2)))
        #expect(cache.last(1) == "copy")
        cache.ended(1, strict, ReadCache<Int, String>.Found(value: "stored", asOf: at(2)))
        guard case .cached("stored") = cache.step(1, oldest: at(2), now: at(3)) else {
            Issue.record("what the store said is not kept")
            return
        }
        // A failed read takes nothing away.
        if case .start(let failed) = cache.step(1, oldest: at(3), now: at(3)) { cache.ended(1, failed, nil) }
        #expect(cache.last(1) == "stored" && cache.last(2) == nil)
    }
}
