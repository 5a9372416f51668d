import HoldfastMemoryStore
import HoldfastRedis
import HoldfastStorage

/// The longest that one call of a board of 1,000,000 members held Redis, by its slow log, against a fixed limit.
///
/// The calls are the largest that there are: batches, pages of 1,000 rows, subsets, windows; on a board whose ties go
/// to the first, and with ranks that are shared.
struct BoardSlowestRow: Sendable {
    let name: BenchName

    private static let limitMillis = 10.0
    /// Shorter calls are not logged.
    private static let loggedMicros: Int64 = 500

    /// Measures the row on a Redis of its own.
    func run(_ context: BenchContext) async throws -> BenchRow {
        try await BoardBench.with(ties: .first, ranks: .competition, context) { bench in
            _ = try await bench.client.command([
                "CONFIG", "SET", "slowlog-log-slower-than", .integer(Self.loggedMicros), "slowlog-max-len", "100000",
            ])
            let pairs = try await BenchPair.measure(
                progress: context.finishedPair,
                ours: { try await longestMillis(bench, seconds: context.seconds) },
                ceiling: { Self.limitMillis }
            )
            return BenchRow(
                name: name.rawValue, unit: "ms", ceilingCommand: "a fixed limit; ours is the maximum of SLOWLOG GET",
                pairs: pairs)
        }
    }

    private func longestMillis(_ bench: BoardBench, seconds: Double) async throws -> Double {
        _ = try await bench.client.command(["SLOWLOG", "RESET"])
        _ = try await callsPerSecond(tasks: 4, seconds: seconds) { generator in
            let board = bench.board
            let members = (0..<100).map { _ in bench.member(&generator) }
            _ = try await board.submitFast(
                members.map { BoardSubmission(member: $0, score: Int64(generator.next() % 1_000)) })
            _ = try await board.ranks(of: members)
            _ = try await board.around(members[0], count: Board.maximumRowsAround)
            let page = try await board.top(Board.maximumRows, details: true, maximumAge: .zero)
            _ = try await board.top(Board.maximumRows, after: page.next, details: true, maximumAge: .zero)
        }
        // An entry is an id, a time, microseconds, the command's words and more.
        let entries = try await bench.client.command(["SLOWLOG", "GET", "-1"]).array ?? []
        let micros = entries.compactMap { $0.array?.dropFirst(2).first?.integer }
        return Double(max(Self.loggedMicros, micros.max() ?? 0)) / 1_000
    }
}
