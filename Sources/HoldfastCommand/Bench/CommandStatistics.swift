import HoldfastPrivateServers

/// What Redis itself counted of some commands since the last reset: `INFO commandstats`.
struct CommandStatistics: Sendable, Equatable {
    /// The commands that run scripts.
    static let scripts: Set = ["evalsha", "eval"]

    /// Calls of these commands.
    var calls = 0
    /// Time in them, in microseconds.
    var micros = 0

    /// Reads the text of `INFO commandstats`.
    init(info: String, commands: Set<String> = scripts) {
        for line in info.split(whereSeparator: \.isNewline) {
            let name = line.prefix { $0 != ":" }
            guard name.hasPrefix("cmdstat_"), commands.contains(String(name.dropFirst("cmdstat_".count))) else {
                continue
            }
            for field in line.dropFirst(name.count + 1).split(separator: ",") {
                let parts = field.split(separator: "=")
                guard parts.count == 2, let number = Int(parts[1]) else { continue }
                if parts[0] == "calls" { calls += number }
                if parts[0] == "usec" { micros += number }
            }
        }
    }

    /// Counts what `body` causes.
    static func of(
        _ redis: RedisProcess, commands: Set<String> = scripts, _ body: () async throws -> Void
    ) async throws -> CommandStatistics {
        try redis.command("CONFIG", "RESETSTAT")
        try await body()
        return CommandStatistics(info: try redis.command("INFO", "commandstats"), commands: commands)
    }
}
