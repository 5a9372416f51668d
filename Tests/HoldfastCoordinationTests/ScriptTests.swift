import HoldfastCoordination
import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import TestServers
import Testing

@Suite("Scripts")
struct ScriptTests {
    static let all: [Script] = [
        .Lease.acquire, .Lease.renew, .Lease.release, .Lease.putHot, .Lease.readHot, .Lease.unlock, .Lease.inspect,
        .Server.beat, .Server.list, .Server.withdraw, .Server.requestDrain, .Server.send, .Deployment.install,
    ]

    @Test("a script with wrong arguments says so and writes nothing", arguments: all.map(\.name))
    func badArguments(_ name: String) async throws {
        let script = try #require(Self.all.first { $0.name == name })
        let redis = try await PrivateRedis.start()
        try await withRedisBackend(redis) { _, client in
            let id = RedisArgument.bytes([UInt8](repeating: 1, count: 16))
            let attempts: [([[UInt8]], [RedisArgument])] = [
                ([], []), ([], [id, id, id]), (Array(repeating: Array("hf1:{a}x".utf8), count: 101), ["1"]),
                (
                    ["hf1:{a}1", "hf1:{a}2", "hf1:{a}3"].map { Array($0.utf8) },
                    ["", "", "", "", "", "", "", "", "", ""]
                ),
                (
                    ["hf1:{a}1", "hf1:{a}2", "hf1:{a}3"].map { Array($0.utf8) },
                    [id, "s", id, "-1", "1e3", "", "2", "nan"]
                ),
            ]
            for (keys, arguments) in attempts where !(name == "server/list" && keys.count == 3) {
                let reply = try await client.evaluate(
                    script, keys: keys, arguments: arguments, lane: .session, timeout: .seconds(30)
                )
                #expect(reply == .array([.bytes(Array("BAD_ARGUMENT".utf8))]))
            }
            #expect(try redis.command("DBSIZE") == "0")
        }
    }

    @Test("every key that a fleet leaves behind ends by itself, but for the deployment id and the index")
    func everythingExpires() async throws {
        let redis = try await PrivateRedis.start()
        try await withRedisBackend(redis) { backend, _ in
            let (id, holder, waiter) = (try record(), owner("holder"), owner("waiter"))
            _ = try await backend.acquire(request(id, holder))
            _ = try await backend.acquire(request(id, waiter))
            _ = try await backend.release(LeaseClaim(id, holder), hot: hotCopy())
            _ = try await backend.acquire(request(id, waiter))
            _ = try await backend.beat(ServerBeat(server: "s", boot: .random(), number: 1), timeToLive: .seconds(60))
            try await backend.send(.released(id: id), to: "s")
            _ = try await backend.installDeploymentID(.random())
            let keys = try redis.command("KEYS", "*").split(separator: "\n").map(String.init)
            #expect(keys.count == 8)
            let lasting = try keys.filter { try redis.command("PTTL", $0) == "-1" }
            #expect(lasting.allSatisfy { $0.hasSuffix("{deployment}") || $0.hasSuffix("{servers}:index") })
            #expect(lasting.count == 2)
        }
    }

    @Test("servers that withdrew, or ended more than a minute ago, leave the index")
    func indexIsPruned() async throws {
        let redis = try await PrivateRedis.start()
        try await withRedisBackend(redis) { backend, _ in
            let boot = RandomID.random()
            _ = try await backend.beat(ServerBeat(server: "new", boot: boot, number: 1), timeToLive: .seconds(3))
            let index = try #require(try redis.command("KEYS", "*index").split(separator: "\n").first).description
            try redis.command("ZADD", index, "1000", "old")
            #expect(try redis.command("ZCARD", index) == "2")
            _ = try await backend.beat(ServerBeat(server: "new", boot: boot, number: 2), timeToLive: .seconds(3))
            #expect(try redis.command("ZRANGE", index, "0", "-1") == "new")
            try await backend.withdraw(server: "new", boot: boot)
            #expect(try redis.command("ZCARD", index) == "0")
        }
    }
}
