import HoldfastScripts

/// Fast scores with their rank, or ranks, of a board of 1,000,000 members, against redis-benchmark with the same
/// script at the same depth.
struct BoardSpeedRow: Sendable {
    let name: BenchName
    /// Tasks that call one after the other, and redis-benchmark's pipeline depth.
    let tasks: Int
    let operation: BoardBench.Operation

    /// Measures the row on a Redis of its own.
    func run(_ context: BenchContext) async throws -> BenchRow {
        try await BoardBench.with(context) { bench in
            // Redis learns the script.
            _ = try await bench.run(.board, operation, tasks: 1, ranked: true, seconds: 0.05)
            let benchmark = RedisBenchmark(
                socketPath: bench.redis.socketPath, depth: tasks, command: ceiling, range: bench.members)
            let rate = try benchmark.run(requests: 20_000)
            let requests = Swift.max(1_000, Int(rate * context.seconds))
            let pairs = try await BenchPair.measure(
                progress: context.finishedPair,
                ours: { try await bench.run(.board, operation, tasks: tasks, ranked: true, seconds: context.seconds) },
                ceiling: { try benchmark.run(requests: requests) }
            )
            return BenchRow(
                name: name.rawValue, unit: "ops/s", ceilingCommand: benchmark.commandLine(requests: requests),
                pairs: pairs)
        }
    }

    /// The command that our client sends.
    private var ceiling: [String] {
        let rules = BoardBench.rules(.id)
        return switch operation {
        case .submit:
            ["EVALSHA", Script.Board.submitPlain.sha1, "2"] + BoardBench.redisKeys
                + [rules, "1", "unique", "set", "__rand_int__", "__rand_int__"]
        case .rank:
            ["EVALSHA", Script.Board.locate.sha1, "2"] + BoardBench.redisKeys
                + [rules, "members", "unique", "__rand_int__"]
        }
    }
}
