import HoldfastPrivateServers

/// The C tool that comes with Redis, as the ceiling of what one connection can do.
struct RedisBenchmark: Sendable {
    /// The keys of each kind that a run draws from.
    static let keys = 10_000

    let socketPath: String
    /// Commands in flight on the one connection.
    let depth: Int
    /// The command; `__rand_int__` becomes a number of 12 digits below ``range``.
    let command: [String]
    /// How many numbers there are to draw from.
    var range = keys

    /// Runs it for `requests` commands and returns operations a second.
    func run(requests: Int) throws -> Double {
        let output = try ChildProcess.output(
            of: "redis-benchmark", arguments(requests: requests), patience: .seconds(120))
        return try Self.operationsPerSecond(inCSV: output)
    }

    /// The command line, for whoever wants to repeat it.
    func commandLine(requests: Int) -> String {
        (["redis-benchmark"] + arguments(requests: requests)).joined(separator: " ")
    }

    private func arguments(requests: Int) -> [String] {
        ["-s", socketPath, "-c", "1", "-P", "\(depth)", "-n", "\(requests)", "-r", "\(range)", "--csv"] + command
    }

    /// Reads the second column of the last row; the first one holds the command and may contain commas.
    static func operationsPerSecond(inCSV output: String) throws -> Double {
        let columnsAfterName = 7
        let row = output.split(separator: "\n").last { $0.hasPrefix("\"") } ?? ""
        let fields = row.split(separator: ",").map { $0.trimmingPrefix("\"").prefix { $0 != "\"" } }
        guard fields.count > columnsAfterName, !output.contains("Error from server"),
            let rate = Double(fields[fields.count - columnsAfterName]), rate > 0
        else {
            throw BenchError("redis-benchmark printed no rate: \(output.suffix(300))")
        }
        return rate
    }
}
