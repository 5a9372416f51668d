import HoldfastMemoryStore
import HoldfastPrivateServers
import HoldfastRedis
import Logging

/// What it costs Redis to add, read and remove items of a queue, by its own count; lower is better.
struct QueueRow: Sendable {
    /// About 150 bytes as JSON.
    private struct Order: Codable, Sendable {
        var coins = 250
        var player = "player-1234567"
        var note = String(repeating: "n", count: 100)
    }

    private static let batch = 100
    private static let life = Duration.seconds(86_400)
    /// Add, read and remove.
    private static let fewestCalls = 3.0

    /// Script calls from adding one item to its removal, against the three that there must be.
    func calls(_ context: BenchContext) async throws -> BenchRow {
        try await row(.queueOne, context, unit: "calls", ceilingCommand: "one call each to add, read and remove") {
            cost in
            BenchPair(ours: try await cost(1).calls, ceiling: Self.fewestCalls)
        }
    }

    /// Microseconds of Redis for each item of a batch of 100, against items that go one by one.
    func batch(_ context: BenchContext) async throws -> BenchRow {
        try await row(.queueBatch, context, unit: "µs", ceilingCommand: "the same items one by one; INFO commandstats")
        {
            cost in
            let together = try await cost(Self.batch)
            guard together.calls <= Self.fewestCalls else {
                throw BenchError("a batch of \(Self.batch) took \(together.calls) script calls")
            }
            return BenchPair(ours: together.micros, ceiling: try await cost(1).micros)
        }
    }

    /// Measures pairs on a Redis of their own.
    ///
    /// - Parameter pair: Gets a function that says how many calls a batch of that size took, and how many
    ///   microseconds each item of it.
    private func row(
        _ name: BenchName, _ context: BenchContext, unit: String, ceilingCommand: String,
        pair:
            @escaping @Sendable (
                _ cost: (_ batch: Int) async throws -> (calls: Double, micros: Double)
            ) async throws -> BenchPair
    ) async throws -> BenchRow {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let client = RedisClient(
            configuration: RedisConfiguration(address: .unix(path: redis.socketPath)), logger: context.logger)
        let queue = try MemoryStore(redis: client, deployment: "bench", logger: context.logger)
            .queue("bench", of: Order.self)
        let items = Swift.max(Self.batch, Int(4_000 * context.seconds) / Self.batch * Self.batch)
        return try await withRunning(client) {
            // The scripts are loaded with their first call.
            try await Self.pass(1, through: queue)
            var pairs: [BenchPair] = []
            for _ in 0..<BenchPair.count {
                try Task.checkCancellation()
                pairs.append(
                    try await pair { batch in
                        let cost = try await CommandStatistics.of(redis) {
                            for _ in 0..<items / batch { try await Self.pass(batch, through: queue) }
                        }
                        return (Double(cost.calls * batch) / Double(items), Double(cost.micros) / Double(items))
                    })
                context.finishedPair()
            }
            return BenchRow(name: name.rawValue, unit: unit, ceilingCommand: ceilingCommand, pairs: pairs)
        }
    }

    /// Adds, reads and removes a batch.
    private static func pass(_ count: Int, through queue: Queue<Order>) async throws {
        try await queue.add(contentsOf: Array(repeating: Order(), count: count), expiresAfter: life)
        guard let found = try await queue.read(count), found.items.count == count,
            try await queue.remove(found.id)
        else { throw BenchError("items of the queue are missing") }
    }
}
