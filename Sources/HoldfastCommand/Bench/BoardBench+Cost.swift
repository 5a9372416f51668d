extension BoardBench {
    private static let depth = 50

    /// Microseconds of Redis' CPU for one score or rank, by its own count; scores go out `batch` at a time.
    func cost(_ side: Side, _ operation: Operation, batch: Int = 1, seconds: Double) async throws -> Double {
        let commands: Set =
            side == .board ? CommandStatistics.scripts : [Self.plainCommand(operation).lowercased()]
        let statistics = try await CommandStatistics.of(redis, commands: commands) {
            _ = try await run(side, operation, tasks: max(1, Self.depth / batch), batch: batch, seconds: seconds)
        }
        guard statistics.calls > 0 else { throw BenchError("Redis counted no \(commands)") }
        return Double(statistics.micros) / Double(statistics.calls * batch)
    }

    /// What costs of boards are compared with.
    static func plainCommand(_ operation: Operation) -> String {
        operation == .submit ? "ZADD" : "ZREVRANK"
    }
}
