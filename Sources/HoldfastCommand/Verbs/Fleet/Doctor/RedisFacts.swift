import HoldfastRedis

/// What Redis says of itself, as far as `doctor` judges it.
struct RedisFacts: Sendable, Equatable {
    var version = ""
    var policy = ""
    var hasAppendOnlyFile = false
    /// Redis' clock minus this machine's, less half the round trip.
    var clockAheadMillis: Int64 = 0

    /// Asks for everything at once.
    ///
    /// - Throws: `RedisError`.
    static func read(_ redis: RedisClient) async throws -> RedisFacts {
        var facts = RedisFacts()
        for section in ["server", "memory", "persistence"] {
            facts.learn(try await redis.command(["INFO", .string(section)]).decodeString("INFO"))
        }
        let sent = Timestamp.nowMillis()
        let time = try await redis.command(["TIME"]).decodeArray("TIME", minimum: 2)
        let received = Timestamp.nowMillis()
        if let seconds = Int64(try time[0].decodeString("TIME")), let micros = Int64(try time[1].decodeString("TIME")) {
            facts.clockAheadMillis = seconds * 1_000 + micros / 1_000 - (sent + received) / 2
        }
        return facts
    }

    /// Takes the fields it knows from the text of INFO.
    mutating func learn(_ information: String) {
        for line in information.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = String(line[line.index(after: colon)...])
            switch line[..<colon] {
            case "redis_version": version = value
            case "maxmemory_policy": policy = value
            case "aof_enabled": hasAppendOnlyFile = value == "1"
            default: break
            }
        }
    }

    /// Judges the facts.
    var checks: [DoctorCheck] {
        let parts = version.split(separator: ".").compactMap { Int($0) }
        return [
            DoctorCheck(
                "redis.version", ok: (parts.first ?? 0) >= 7, found: version, wanted: "7.0 or newer",
                fix: "upgrade Redis"),
            DoctorCheck(
                "redis.persistence", ok: hasAppendOnlyFile,
                found: hasAppendOnlyFile ? "append-only file on" : "append-only file off",
                wanted: "append-only file on",
                fix: "set appendonly yes, so that a restart of Redis does not cost every server its leases"),
            DoctorCheck(
                "redis.eviction", ok: policy == "noeviction", found: policy, wanted: "noeviction",
                fix: "set maxmemory-policy noeviction, so that leases are never evicted"),
            DoctorCheck(
                "redis.clock", ok: abs(clockAheadMillis) < 1_000,
                found: "\(abs(clockAheadMillis)) ms \(clockAheadMillis < 0 ? "behind" : "ahead")",
                wanted: "less than 1000 ms apart", fix: "synchronise the clocks of both machines"),
        ]
    }
}
