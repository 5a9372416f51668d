import HoldfastPrivateServers
import HoldfastRedis
import HoldfastScripts
import Logging

/// Lock and load through the public client against redis-benchmark with the same script on the same server.
struct ClientRow: Sendable {
    let name: BenchName
    /// Tasks that call one after the other, and redis-benchmark's pipeline depth.
    let tasks: Int
    /// Whether the calling tasks live on the client's event loop.
    let onLoop: Bool

    private static let owner = "bench"
    private static let leaseMillis = 30_000
    /// With the other fields and their framing about 1 KB of reply.
    private static let payloadBytes = 960
    private static let script = Script.Bench.lockAndLoad
    private static let names = ["bench:lock:", "bench:fence:", "bench:profile:"]

    /// Measures the row on a Redis of its own.
    func run(_ context: BenchContext) async throws -> BenchRow {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let client = RedisClient(
            configuration: RedisConfiguration(address: .unix(path: redis.socketPath)), logger: context.logger)
        return try await withRunning(client) {
            try await fill(client)
            let benchmark = RedisBenchmark(
                socketPath: redis.socketPath, depth: tasks,
                command: ["EVALSHA", Self.script.sha1, "3"] + Self.names.map { "\($0)__rand_int__" }
                    + [Self.owner, "\(Self.leaseMillis)"])
            // The number of requests that takes about as long as one of our runs.
            let rate = try benchmark.run(requests: 5_000 * Swift.min(tasks, 10))
            let requests = Swift.max(1_000, Int(rate * context.seconds))
            let pairs = try await BenchPair.measure(
                progress: context.finishedPair,
                ours: { try await measure(client, seconds: context.seconds) },
                ceiling: { try benchmark.run(requests: requests) }
            )
            return BenchRow(
                name: name.rawValue, unit: "ops/s", ceilingCommand: benchmark.commandLine(requests: requests),
                pairs: pairs)
        }
    }

    /// Keys of one kind, spelled as redis-benchmark fills in `__rand_int__`.
    private static let keys: [[[UInt8]]] = names.map { name in
        (0..<RedisBenchmark.keys).map { number in
            let digits = String(number)
            return Array("\(name)\(String(repeating: "0", count: 12 - digits.count))\(digits)".utf8)
        }
    }

    /// Writes the profiles, and lets Redis learn the script.
    private func fill(_ client: RedisClient) async throws {
        var generator = SeededGenerator(seed: 1)
        let payload = BenchDocument.randomText(bytes: Self.payloadBytes, using: &generator)
        _ = try await concurrently(RedisBenchmark.keys, tasks: 64) { number in
            try await client.command([
                "HSET", .bytes(Self.keys[2][number]), "data", .string(payload), "version", 1, "fence", 1, "savedAt", 1,
            ])
        }
        var first = SeededGenerator(seed: 2)
        _ = try await Self.call(client, &first)
    }

    /// Calls from all tasks for `seconds` and returns operations a second.
    private func measure(_ client: RedisClient, seconds: Double) async throws -> Double {
        try await callsPerSecond(tasks: tasks, seconds: seconds, on: onLoop ? client.executor : nil) { generator in
            let reply = try await Self.call(client, &generator)
            guard reply.count == 6, reply[0].integer == 1, reply[2].bytes?.count == Self.payloadBytes else {
                throw BenchError("lock and load answered \(reply.count) values of another form")
            }
        }
    }

    private static func call(_ client: RedisClient, _ generator: inout SeededGenerator) async throws -> [RedisValue] {
        let chosen = keys.map { $0[Int(generator.next() % UInt64(RedisBenchmark.keys))] }
        return try await client.evaluate(
            script, keys: chosen, arguments: [.string(owner), .integer(Int64(leaseMillis))]
        ).decodeArray()
    }
}
