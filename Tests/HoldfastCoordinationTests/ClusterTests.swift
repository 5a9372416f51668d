import HoldfastRedis
import HoldfastStorage
import Logging
import TestServers
import Testing

@testable import HoldfastCoordination

@Suite("Coordination on a cluster of three nodes", .timeLimit(.minutes(10)))
struct ClusterTests {
    @Test("leases spread over all nodes are acquired, renewed, listed and released")
    func spread() async throws {
        let cluster = try await PrivateCluster.start(replicas: false)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let seeds = cluster.nodes.map { RedisConfiguration.Address.tcp(host: "127.0.0.1", port: $0.port) }
        let client = RedisClient(configuration: RedisConfiguration(topology: .cluster(seeds: seeds)), logger: logger)
        try await withRedisBackend(client) { backend, _ in
            let server = owner("s1")
            var claims: [LeaseClaim] = []
            for number in 0..<300 {
                let (id, owner) = (try record("player \(number)"), owner("s1", boot: server.boot))
                #expect(try await backend.acquire(request(id, owner)).token == 1)
                claims.append(LeaseClaim(id, owner))
            }
            for node in cluster.nodes {
                let keys = Int(try node.command("DBSIZE")) ?? 0
                #expect(keys > 50)
            }
            let listed = try await backend.leases().map(\.id)
            #expect(listed == claims.map(\.id).sorted())

            #expect(try await backend.renew(claims, lease: .seconds(60)).isEmpty)
            try await backend.putHotCopy(hotCopy(), for: claims[0])
            #expect(backend.budgets.withLock { $0.count } == 1)
            for claim in claims { _ = try await backend.release(claim, hot: hotCopy()) }
            #expect(backend.budgets.withLock { $0.count } == 3)
            #expect(try await backend.leases().isEmpty)
            #expect(
                try await backend.renew(claims, lease: .seconds(60)).map(\.finding)
                    == Array(repeating: .absent, count: claims.count))

            _ = try await backend.beat(ServerBeat(server: "s1", boot: server.boot, number: 1), timeToLive: .seconds(30))
            try await backend.send(.released(id: claims[0].id), to: "s1")
            let messages = try await backend.receive(server: "s1", wait: .seconds(5))
            #expect(messages == [.released(id: claims[0].id)])
            #expect(try await backend.servers().map(\.server) == ["s1"])
            #expect(try await backend.status().mode == "cluster")
        }
    }

    @Test("leases are listed by the user that may")
    func listing() async throws {
        var options = PrivateRedis.Options()
        options.accessControl = true
        let redis = try await PrivateRedis.start(options)
        try await withRedisBackend(redis, as: redis.operatorLogin) { backend, _ in
            let (id, owner) = (try record(), owner())
            _ = try await backend.acquire(request(id, owner))
            #expect(try await backend.leases().map(\.id) == [id])
        }
        try await withRedisBackend(redis) { backend, _ in
            #expect(await code { _ = try await backend.leases() } == .denied)
            let refusals = try redis.refusals()
            #expect(refusals.count == 1)
            #expect(refusals.first?.contains("holdfast may not run scan") == true)
        }
    }
}
