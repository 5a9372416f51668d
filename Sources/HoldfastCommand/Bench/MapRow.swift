import HoldfastMemoryStore
import HoldfastPrivateServers
import HoldfastRedis
import HoldfastScripts
import Logging

/// Typed items of one sorted map, read or written by 50 tasks, against redis-benchmark with the same script.
struct MapRow: Sendable {
    enum Operation: Sendable {
        case get, set
    }

    /// About 150 bytes as JSON.
    private struct Bid: Codable, Sendable {
        let coins: Int
        let bidder: String
        let note: String

        static let sample = Bid(
            coins: 250, bidder: "player-1234567", note: String(repeating: "n", count: 100))
    }

    let name: BenchName
    let operation: Operation

    private static let tasks = 50
    private static let map = "bench"
    private static let life = Duration.seconds(86_400)

    /// Measures the row on a Redis of its own.
    func run(_ context: BenchContext) async throws -> BenchRow {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let client = RedisClient(
            configuration: RedisConfiguration(address: .unix(path: redis.socketPath)), logger: context.logger)
        let memory = MemoryStore(redis: client, deployment: "bench", logger: context.logger)
        let map = try memory.sortedMap(Self.map, of: Bid.self)
        return try await withRunning(client) {
            _ = try await concurrently(RedisBenchmark.keys, tasks: 64) { number in
                try await map.set(Self.key(number), to: .sample, expiresAfter: Self.life)
            }
            _ = try await map.get(Self.key(0))
            guard try redis.command("HLEN", Self.redisKeys[0]) == "\(RedisBenchmark.keys)" else {
                throw BenchError("the map is not at \(Self.redisKeys[0])")
            }
            let benchmark = RedisBenchmark(
                socketPath: redis.socketPath, depth: Self.tasks, command: ceiling)
            let rate = try benchmark.run(requests: 50_000)
            let requests = Swift.max(1_000, Int(rate * context.seconds))
            let pairs = try await BenchPair.measure(
                progress: context.finishedPair,
                ours: { try await measure(map, seconds: context.seconds) },
                ceiling: { try benchmark.run(requests: requests) }
            )
            return BenchRow(
                name: name.rawValue, unit: "ops/s", ceilingCommand: benchmark.commandLine(requests: requests),
                pairs: pairs)
        }
    }

    /// The command that our client sends, with `__rand_int__` in the item's key.
    private var ceiling: [String] {
        let key = "k__rand_int__"
        switch operation {
        case .get:
            return ["EVALSHA", Script.Map.get.sha1, "4"] + Self.redisKeys + [key, "0"]
        case .set:
            let bid = Bid.sample
            let value = "{\"bidder\":\"\(bid.bidder)\",\"coins\":\(bid.coins),\"note\":\"\(bid.note)\"}"
            // No sort key; a nonce; over anything; the first try; the limits.
            return ["EVALSHA", Script.Map.put.sha1, "4"] + Self.redisKeys
                + [key, value, "\u{3}", "86400000", "12345678", "ANY", "", "1000000", "104857600"]
        }
    }

    private static let redisKeys = ["items", "order", "ends", "meta"].map { "hf1:bench:{#sorted-map:\(map)}:\($0)" }

    /// Spelled as redis-benchmark fills in `__rand_int__`.
    private static func key(_ number: Int) -> String {
        let digits = String(number)
        return "k\(String(repeating: "0", count: 12 - digits.count))\(digits)"
    }

    /// Calls from all tasks for `seconds` and returns operations a second.
    private func measure(_ map: SortedMap<Bid>, seconds: Double) async throws -> Double {
        try await callsPerSecond(tasks: Self.tasks, seconds: seconds) { generator in
            let key = Self.key(Int(generator.next() % UInt64(RedisBenchmark.keys)))
            switch operation {
            case .get:
                guard try await map.get(key)?.value.coins == 250 else {
                    throw BenchError("an item of the map is missing")
                }
            case .set: try await map.set(key, to: .sample, expiresAfter: Self.life)
            }
        }
    }
}
