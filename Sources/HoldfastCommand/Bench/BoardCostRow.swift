import HoldfastMemoryStore

/// Redis' CPU for a score of a board of 1,000,000 members, against a plain ZADD of as many at a time.
struct BoardCostRow: Sendable {
    let name: BenchName
    let ties: BoardRules.Ties
    /// Scores of one call, on both sides.
    let batch: Int

    /// Measures the row on a Redis of its own.
    func run(_ context: BenchContext) async throws -> BenchRow {
        try await BoardBench.with(ties: ties, context) { bench in
            let pairs = try await BenchPair.measure(
                progress: context.finishedPair,
                ours: { try await bench.cost(.board, .submit, batch: batch, seconds: context.seconds) },
                ceiling: { try await bench.cost(.plain, .submit, batch: batch, seconds: context.seconds) }
            )
            return BenchRow(
                name: name.rawValue, unit: "µs",
                ceilingCommand: "ZADD of \(batch) by the same client; Redis' CPU a score, by INFO commandstats",
                pairs: pairs)
        }
    }
}
