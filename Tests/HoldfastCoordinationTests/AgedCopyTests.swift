import HoldfastRedis
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastCoordination

@Suite("Hot copies that are read without a lease")
struct AgedCopyTests {
    /// Leaves a copy as a session does that the store confirmed at `confirmedAt`.
    private func leave(
        _ facts: HotCopyFacts?, of id: RecordID, in backend: any CoordinationBackend
    ) async throws -> HotCopy {
        let owner = owner()
        var hot = hotCopy()
        hot.facts = facts
        _ = try await backend.acquire(request(id, owner))
        _ = try await backend.release(LeaseClaim(id, owner), hot: hot)
        return hot
    }

    @Test(
        "a copy is shown with all that its writer said of it, while it is young enough", arguments: BackendKind.allCases
    )
    func age(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, start) = (try record(), ContinuousClock.now)
            let hot = try await leave(facts(since: start - .seconds(3_600)), of: id, in: backend)
            for young in [start - .seconds(3_000), start, start + .seconds(60)] {
                #expect(try await backend.hotCopy(of: id, since: young) == nil)
            }
            var found = try #require(try await backend.hotCopy(of: id, since: start - .seconds(7_200)))
            let moment = try #require(found.facts?.confirmedAt)
            #expect(moment >= start - .seconds(7_200) && moment < start - .seconds(3_000))
            found.facts?.confirmedAt = start - .seconds(3_600)
            #expect(found == hot)
            // The next server gets the bytes; the sealed row tells it the rest.
            var bare = hot
            bare.facts = nil
            #expect(try await backend.acquire(request(id, owner())).hot == bare)
        }
    }

    @Test("no copy is shown of which nothing is said, nor one that was dropped", arguments: BackendKind.allCases)
    func unknown(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, long) = (try record(), ContinuousClock.now - .seconds(7_200))
            #expect(try await backend.hotCopy(of: id, since: long) == nil)
            _ = try await leave(nil, of: id, in: backend)
            #expect(try await backend.hotCopy(of: id, since: long) == nil)
            _ = try await leave(facts(), of: id, in: backend)
            #expect(try await backend.hotCopy(of: id, since: long) != nil)
            #expect(try await backend.hotCopy(of: try record(in: "test.players"), since: long) == nil)
            _ = try await backend.unlock(id, token: 0)
            #expect(try await backend.hotCopy(of: id, since: long) == nil)
        }
    }

    @Test(
        "what cannot be told within 16 KiB, or as text, leaves the copy to opens alone", arguments: BackendKind.allCases
    )
    func tooMuch(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let people = (0..<200).map { "\($0)" + String(repeating: "x", count: 100) }
            let quotes = [UInt8](repeating: UInt8(ascii: "\""), count: HotCopyFacts.maximumBytes - 100)
            for (key, told) in [
                ("people", facts(userIDs: people)), ("quotes", facts(metadata: quotes)),
                ("bytes", facts(metadata: [0xFF])),
            ] {
                let id = try record(key)
                let hot = try await leave(told, of: id, in: backend)
                #expect(try await backend.hotCopy(of: id, since: .now - .seconds(7_200)) == nil)
                #expect(try await backend.acquire(request(id, owner())).hot?.payload == hot.payload)
            }
        }
    }

    @Test("what a build says that knows of no age is of unknown age, over another one's copy, too")
    func olderBuild() async throws {
        let redis = try await SharedRedis.standalone.server()
        try await withRedisBackend(redis) { backend, client in
            let long = ContinuousClock.now - .seconds(7_200)
            let (new, old) = (try record("new"), try record("old"))
            _ = try await leave(facts(), of: new, in: backend)
            #expect(try await backend.hotCopy(of: new, since: long) != nil)
            let later = RandomID.random()
            for id in [new, old] {
                _ = try await client.command([
                    "HSET", .bytes(backend.keys.hot(id)), "version", "8", "save_id", .bytes(later.bytes), "checksum",
                    "1",
                    "document_bytes", "2", "payload", "x",
                ])
                #expect(try await backend.hotCopy(of: id, since: long) == nil)
                #expect(try await backend.acquire(request(id, owner())).hot?.reference.saveID == later)
            }
        }
    }

    @Test("a copy from a time that the clock has not reached is of unknown age")
    func clockTurnedBack() async throws {
        let clock = TestClock()
        let backend = InMemoryCoordinationBackend(now: { clock.millis })
        let (id, long) = (try record(), ContinuousClock.now - .seconds(86_400))
        _ = try await leave(facts(), of: id, in: backend)
        #expect(try await backend.hotCopy(of: id, since: long) != nil)
        clock.advance(-3_600_000)
        #expect(try await backend.hotCopy(of: id, since: long) == nil)
    }

    @Test("ages are rounded so that no copy passes for younger than it is")
    func rounding() {
        let start = ContinuousClock.now
        for micros in [0, 1, 999, 1_000, 1_001, 59_999_999] {
            // Confirmed at the start, written after `micros`, and read when Redis has counted 5 ms more.
            let written = start + .microseconds(micros)
            let age = CopyAge.millis(since: start, now: written) + 5
            let asked = written + .milliseconds(5)
            #expect(CopyAge.moment(age, asked: asked) < start)
            // A reader is shown exactly those that pass its own test afterwards.
            for oldest in [-3_000, -2_001, -2_000, -1_999, -1_000, -1, 0, 1].map({ start + .microseconds($0) }) {
                let isShown = CopyAge.largest(since: oldest, now: asked).map { age <= $0 } ?? false
                if isShown { #expect(CopyAge.moment(age, asked: asked) >= oldest) }
                if oldest >= start { #expect(!isShown) }
                if oldest <= start - .milliseconds(3) { #expect(isShown) }
            }
        }
        #expect(CopyAge.largest(since: start, now: start) == nil)
        #expect(CopyAge.largest(since: start + .seconds(1), now: start) == nil)
        #expect(CopyAge.largest(since: start - .seconds(60), now: start) == 59_999)
        #expect(CopyAge.millis(since: start + .seconds(1), now: start) == 1)
        #expect(CopyAge.millis(since: start - .seconds(86_400 * 1_000), now: start) == BackendLimits.longestMillis)
    }
}
