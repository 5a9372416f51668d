import HoldfastPrivateServers

/// What Redis itself counted of scripts since the last reset: `INFO commandstats`.
struct ScriptStatistics: Sendable, Equatable {
    /// Calls of EVALSHA and EVAL.
    var calls = 0
    /// Time in them, in microseconds.
    var micros = 0

    /// Reads the text of `INFO commandstats`.
    init(info: String) {
        for line in info.split(whereSeparator: \.isNewline) {
            guard line.hasPrefix("cmdstat_evalsha:") || line.hasPrefix("cmdstat_eval:") else { continue }
            for field in line.drop(while: { $0 != ":" }).dropFirst().split(separator: ",") {
                let parts = field.split(separator: "=")
                guard parts.count == 2, let number = Int(parts[1]) else { continue }
                if parts[0] == "calls" { calls += number }
                if parts[0] == "usec" { micros += number }
            }
        }
    }

    /// Counts what `body` causes.
    static func of(_ redis: RedisProcess, _ body: () async throws -> Void) async throws -> ScriptStatistics {
        try redis.command("CONFIG", "RESETSTAT")
        try await body()
        return ScriptStatistics(info: try redis.command("INFO", "commandstats"))
    }
}
