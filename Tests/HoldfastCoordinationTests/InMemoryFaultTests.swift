import HoldfastCoordination
import HoldfastStorage
import Synchronization
import TestServers
import Testing

@Suite("Faults of the in-memory backend")
struct InMemoryFaultTests {
    @Test("time is the test's own")
    func injectedTime() async throws {
        let clock = TestClock()
        let backend = InMemoryCoordinationBackend(now: { clock.millis })
        let (id, first, second) = (try record(), owner(), owner())
        _ = try await backend.acquire(request(id, first, lease: .seconds(30)))
        clock.advance(30_000)
        #expect(try await backend.inspect(id)?.remaining == .zero)
        clock.advance(1)
        #expect(try await backend.inspect(id) == nil)
        #expect(try await backend.acquire(request(id, second)).token == 2)
        clock.advance(31 * 24 * 3_600_000)
        #expect(try await backend.acquire(request(id, second)).token == 1)
    }

    @Test("a flush drops everything and keeps the run; a restart keeps everything and changes the run")
    func flushAndRestart() async throws {
        let backend = InMemoryCoordinationBackend()
        let (id, owner) = (try record(), owner())
        let beat = ServerBeat(server: "s", boot: .random(), number: 1)
        _ = try await backend.acquire(request(id, owner, floor: 5))
        let first = try await backend.beat(beat, timeToLive: .seconds(30))
        backend.restart()
        let restarted = try await backend.beat(beat, timeToLive: .seconds(30))
        #expect(restarted.run != first.run)
        #expect(restarted.previousNumber == 1)
        backend.flush()
        let flushed = try await backend.beat(beat, timeToLive: .seconds(30))
        #expect(flushed.run == restarted.run)
        #expect(flushed.previousNumber == nil)
        #expect(try await backend.renew([LeaseClaim(id, owner)], lease: .seconds(30)).map(\.finding) == [.absent])
        #expect(try await backend.acquire(request(id, owner, floor: 6)).token == 7)
    }

    @Test("a roll-back brings back the lease and the token of its moment")
    func rollBack() async throws {
        let backend = InMemoryCoordinationBackend()
        let (id, first, second) = (try record(), owner(), owner())
        _ = try await backend.acquire(request(id, first))
        let snapshot = backend.snapshot()
        _ = try await backend.release(LeaseClaim(id, first), hot: nil)
        #expect(try await backend.acquire(request(id, second)).token == 2)
        backend.rollBack(to: snapshot)
        #expect(try await backend.inspect(id)?.owner == first)
        let notices = try await backend.renew([LeaseClaim(id, second)], lease: .seconds(30))
        #expect(notices.map(\.finding) == [.heldByAnother])
    }

    @Test("one server goes offline while another goes on with the same leases")
    func offline() async throws {
        let one = InMemoryCoordinationBackend()
        let two = InMemoryCoordinationBackend(sharing: one)
        let (id, owner) = (try record(), owner())
        _ = try await one.acquire(request(id, owner))
        one.goOffline()
        #expect(await code { _ = try await one.inspect(id) } == .unavailable)
        #expect(try await two.inspect(id)?.owner == owner)
        one.goOnline()
        #expect(try await one.inspect(id)?.owner == owner)
    }

    @Test("a call in a pause has an unknown outcome, and takes effect on resumption")
    func pause() async throws {
        let one = InMemoryCoordinationBackend(timeout: .milliseconds(50))
        let two = InMemoryCoordinationBackend(sharing: one)
        let (id, owner) = (try record(), owner())
        one.pause()
        #expect(await code { _ = try await one.acquire(request(id, owner)) } == .outcomeUnknown)
        #expect(try await two.inspect(id) == nil)
        one.resume()
        #expect(try await two.inspect(id)?.owner == owner)
        #expect(try await one.acquire(request(id, owner)).token == 1)
    }

    @Test("a call that a short pause held up gets its answer")
    func shortPause() async throws {
        let one = InMemoryCoordinationBackend(timeout: .seconds(60))
        let id = try record()
        one.pause()
        async let taken = one.acquire(request(id, owner()))
        one.resume()
        #expect(try await taken.token == 1)
    }

    @Test("going offline ends a wait for messages")
    func offlineEndsWait() async throws {
        let one = InMemoryCoordinationBackend()
        let start = ContinuousClock.now
        async let waiting = code { _ = try await one.receive(server: "s", wait: .seconds(60)) }
        one.goOffline()
        #expect(await waiting == .unavailable)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test("run() ends when it is cancelled")
    func run() async throws {
        let running = Task { try await InMemoryCoordinationBackend().run() }
        running.cancel()
        try await running.value
    }
}

final class TestClock: Sendable {
    private let stored = Mutex<Int64>(1_700_000_000_000)
    var millis: Int64 { stored.withLock { $0 } }

    func advance(_ millis: Int64) {
        stored.withLock { $0 += millis }
    }
}
