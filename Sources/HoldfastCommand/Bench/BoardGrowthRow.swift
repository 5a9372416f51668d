/// How much more of Redis' CPU a call takes with 10,000,000 members than with 10,000, against the same growth of the
/// plain command.
struct BoardGrowthRow: Sendable {
    let name: BenchName
    let operation: BoardBench.Operation

    /// Measures both sizes, each on a Redis of its own.
    func run(_ context: BenchContext) async throws -> BenchRow {
        let small = try await costs(members: 10_000, context, progress: {})
        let large = try await costs(members: 10_000_000, context, progress: context.finishedPair)
        let pairs = zip(small, large).map { small, large in
            BenchPair(ours: large.ours / small.ours, ceiling: large.ceiling / small.ceiling)
        }
        return BenchRow(
            name: name.rawValue, unit: "x",
            ceilingCommand:
                "the growth of \(BoardBench.plainCommand(operation)) by the same client, by INFO commandstats",
            pairs: pairs)
    }

    private func costs(
        members: Int, _ context: BenchContext, progress: @escaping @Sendable () -> Void
    ) async throws -> [BenchPair] {
        try await BoardBench.with(members: members, isScattered: false, context) { bench in
            try await BenchPair.measure(
                progress: progress,
                ours: { try await bench.cost(.board, operation, seconds: context.seconds) },
                ceiling: { try await bench.cost(.plain, operation, seconds: context.seconds) }
            )
        }
    }
}
