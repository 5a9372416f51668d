import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastCoordination

@Suite("Faults of Redis")
struct RedisFaultTests {
    @Test("after FLUSHALL a lease is absent, and the floor carries the token on")
    func flushAll() async throws {
        let redis = try await PrivateRedis.start()
        try await withRedisBackend(redis) { backend, _ in
            let (id, owner) = (try record(), owner())
            #expect(try await backend.acquire(request(id, owner, floor: 41)).token == 42)
            try redis.flushAll()
            #expect(try await backend.renew([LeaseClaim(id, owner)], lease: .seconds(30)).map(\.finding) == [.absent])
            #expect(try await backend.acquire(request(id, owner, floor: 42)).token == 43)
        }
    }

    @Test("a beat after FLUSHALL replaces nothing, on the same run; after a restart the run is another")
    func lossIsSeen() async throws {
        let redis = try await PrivateRedis.start()
        try await withRedisBackend(redis) { backend, _ in
            let boot = RandomID.random()
            @Sendable func beat(_ number: Int64) async throws -> BeatReply {
                try await backend.beat(ServerBeat(server: "s", boot: boot, number: number), timeToLive: .seconds(30))
            }
            let first = try await beat(1)
            try redis.flushAll()
            let flushed = try await beat(2)
            #expect(flushed.previousNumber == nil)
            #expect(flushed.run == first.run)
            #expect(try await beat(3).previousNumber == 2)
            try await redis.restart()
            var restarted: BeatReply?
            try await eventually("Redis is back") {
                restarted = try? await beat(4)
                return restarted != nil
            }
            #expect(restarted?.run != first.run)
        }
    }

    @Test("without memory, leases are renewed and freed and servers beat, while new leases are refused")
    func outOfMemory() async throws {
        let redis = try await PrivateRedis.start()
        try await withRedisBackend(redis) { backend, _ in
            let (id, holder, waiter) = (try record(), owner("holder"), owner("waiter"))
            let unlocked = try record("unlocked")
            _ = try await backend.acquire(request(id, holder))
            _ = try await backend.acquire(request(id, waiter))
            #expect(try await backend.acquire(request(unlocked, holder)).token == 1)
            #expect(try redis.command("CONFIG", "SET", "maxmemory", "1") == "OK")

            let claim = LeaseClaim(id, holder)
            let notices = try await backend.renew([claim], lease: .seconds(60))
            #expect(notices == [RenewalNotice(claim: claim, finding: .wanted(by: "waiter"))])
            let beat = ServerBeat(server: "s", boot: .random(), number: 1)
            _ = try await backend.beat(beat, timeToLive: .seconds(30))
            #expect(try await backend.servers().map(\.server) == ["s"])
            #expect(try await backend.requestDrain(server: "s"))
            try await backend.withdraw(server: "s", boot: beat.boot)
            #expect(try await backend.unlock(unlocked, token: 1))
            #expect(try await backend.inspect(id)?.owner == holder)
            #expect(await code { _ = try await backend.acquire(request(unlocked, waiter)) } == .unavailable)
            #expect(await code { try await backend.send(.released(id: id), to: "s") } == .unavailable)
            try await backend.putHotCopy(hotCopy(), for: claim)
            #expect(try await backend.release(claim, hot: hotCopy()).waiter == "waiter")
            #expect(try await backend.inspect(id) == nil)

            #expect(try redis.command("CONFIG", "SET", "maxmemory", "0") == "OK")
            let next = try await backend.acquire(request(id, waiter))
            #expect(next == .acquired(token: 2, hot: nil, tookOverDeadBoot: false))
        }
    }

    @Test("a call of a renewal that fails costs its own leases only", arguments: [false, true])
    func failedBatch(clusterMode: Bool) async throws {
        let redis = try await (clusterMode ? SharedRedis.cluster : SharedRedis.standalone).server()
        try await withRedisBackend(redis) { backend, client in
            let boot = RandomID.random()
            var claims: [LeaseClaim] = []
            for number in 0..<250 {
                let (id, owner) = (try record("player \(number)"), owner("s1", boot: boot))
                _ = try await backend.acquire(request(id, owner))
                claims.append(LeaseClaim(id, owner))
            }
            _ = try await backend.release(claims[7], hot: nil)
            _ = try await backend.acquire(request(claims[240].id, owner("s2")))
            // A value of another kind: every script that meets it fails.
            _ = try await client.command(["SET", .bytes(backend.keys.lease(claims[150].id)), "x"])

            let notices = try await backend.renew(claims, lease: .seconds(300))
            let unanswered = redis.options.clusterMode ? 150..<151 : 100..<200
            let expected =
                [RenewalNotice(claim: claims[7], finding: .absent)]
                + claims[unanswered].map { RenewalNotice(claim: $0, finding: .unanswered) }
                + [RenewalNotice(claim: claims[240], finding: .wanted(by: "s2"))]
            #expect(notices == expected)
            for index in [0, 99, 200, 249] {
                let remaining = try #require(try await backend.inspect(claims[index].id)?.remaining)
                #expect(remaining > .seconds(200))
            }
            let failing = [claims[150], LeaseClaim(claims[150].id, owner())]
            #expect(await code { _ = try await backend.renew(failing, lease: .seconds(300)) } != nil)
        }
    }

    @Test("every call goes on after SCRIPT FLUSH")
    func scriptFlush() async throws {
        let redis = try await PrivateRedis.start()
        try await withRedisBackend(redis) { backend, _ in
            let (id, owner) = (try record(), owner())
            for round: Int64 in 1...3 {
                try redis.command("SCRIPT", "FLUSH")
                #expect(try await backend.acquire(request(id, owner)).token == round)
                try redis.command("SCRIPT", "FLUSH")
                #expect(try await backend.renew([LeaseClaim(id, owner)], lease: .seconds(30)) == [])
                try redis.command("SCRIPT", "FLUSH")
                _ = try await backend.release(LeaseClaim(id, owner), hot: nil)
            }
        }
    }

    @Test("an acquire whose answer was lost is repeated with the same nonce")
    func lostReply() async throws {
        let redis = try await PrivateRedis.start()
        try await withRedisBackend(redis, timeout: .milliseconds(300)) { backend, _ in
            let (id, holder) = (try record(), owner())
            try await eventually("Redis answers") { (try? await backend.status()) != nil }
            redis.pause()
            // A call that was held up before it was sent is no lost answer.
            try await eventually("an answer is lost") {
                await code { _ = try await backend.acquire(request(id, holder)) } == .outcomeUnknown
            }
            redis.resume()
            var reply: AcquireReply?
            try await eventually("Redis answers") {
                reply = try? await backend.acquire(request(id, holder))
                return reply != nil
            }
            #expect(reply?.token == 1)
            try await eventually("another one is told who has it") {
                reply = try? await backend.acquire(request(id, owner()))
                return reply != nil
            }
            #expect(reply?.holder?.owner == holder)
        }
    }

    @Test("a call before run() fails at its deadline and says so")
    func notRunning() async throws {
        let redis = try await SharedRedis.standalone.server()
        let backend = RedisCoordinationBackend(
            client: redisClient(redis), deployment: "d", timeout: .milliseconds(50)
        )
        let id = try record()
        #expect(await code { _ = try await backend.inspect(id) } == .closed)
    }

    @Test("a Redis that demands a password denies")
    func denied() async throws {
        var options = PrivateRedis.Options()
        options.password = "secret"
        try await withRedisBackend(try await PrivateRedis.start(options), timeout: .seconds(30)) { backend, _ in
            let id = try record()
            #expect(await code { _ = try await backend.inspect(id) } == .denied)
        }
    }

    @Test("keys of two records in one call are refused on a cluster")
    func crossSlot() async throws {
        let redis = try await SharedRedis.cluster.server()
        try await withRedisBackend(redis) { backend, client in
            let keys = [backend.keys.lease(try record("a")), backend.keys.lease(try record("b"))]
            let nonce = RedisArgument.bytes(RandomID.random().bytes)
            let error = await #expect(throws: RedisError.self) {
                _ = try await client.evaluate(
                    .Lease.renew, keys: keys, arguments: [30_000, nonce, nonce], lane: .session, timeout: .seconds(30)
                )
            }
            #expect(error?.code == .crossSlot)
        }
    }
}
