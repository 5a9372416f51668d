import HoldfastRedis

/// What one Redis server says of itself, as far as `doctor` judges it.
struct RedisFacts: Sendable, Equatable {
    /// Names the server among several.
    var place = ""
    var version = ""
    var policy = ""
    var hasAppendOnlyFile = false
    var isClusterNode = false
    var replicas = 0
    /// How far Redis' clock is certainly ahead of this machine's; negative when it is behind.
    var clockAheadMillis: Int64 = 0

    /// Asks every server that holds keys.
    ///
    /// - Throws: `RedisError`.
    static func read(_ redis: RedisClient) async throws -> [RedisFacts] {
        var facts: [RedisFacts] = []
        for node in try await redis.masters() { facts.append(try await read(redis, node)) }
        return facts
    }

    private static func read(_ redis: RedisClient, _ node: RedisNode) async throws -> RedisFacts {
        var facts = RedisFacts()
        facts.place = node.description
        for section in ["server", "memory", "persistence", "replication", "cluster"] {
            let reply = try await redis.command(["INFO", .string(section)], on: node)
            facts.learn(try reply.decodeString("INFO"))
        }
        let sent = Timestamp.nowMillis()
        let time = try await redis.command(["TIME"], on: node).decodeArray("TIME", minimum: 2)
        let received = Timestamp.nowMillis()
        if let seconds = Int64(try time[0].decodeString("TIME")), let micros = Int64(try time[1].decodeString("TIME")) {
            facts.clockAheadMillis = aheadMillis(seconds * 1_000 + micros / 1_000, sent: sent, received: received)
        }
        return facts
    }

    /// How far a clock is certainly ahead that was read between two times of this machine's; negative when behind.
    ///
    /// A slow answer leaves room for a difference, and is none.
    static func aheadMillis(_ time: Int64, sent: Int64, received: Int64) -> Int64 {
        time < sent ? time - sent : max(time - received, 0)
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
            case "cluster_enabled": isClusterNode = value == "1"
            case "connected_slaves": replicas = Int(value) ?? 0
            default: break
            }
        }
    }

    /// Judges the facts of one server that is used as a part of `topology`.
    func checks(_ topology: RedisConfiguration.Topology) -> [DoctorCheck] {
        let parts = version.split(separator: ".").compactMap { Int($0) }
        var checks = [
            mode(topology),
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
        if case .standalone = topology { return checks }
        checks.append(
            DoctorCheck(
                "redis.replicas", ok: replicas > 0, found: "\(replicas)", wanted: "1 or more for each master",
                fix: "start a replica, or nobody takes over when the master fails"))
        return checks
    }

    private func mode(_ topology: RedisConfiguration.Topology) -> DoctorCheck {
        let isCluster =
            switch topology {
            case .cluster: true
            case .standalone, .sentinel: false
            }
        return DoctorCheck(
            "redis.mode", ok: isCluster == isClusterNode, found: isClusterNode ? "a node of a cluster" : "no cluster",
            wanted: isCluster ? "a cluster" : "no cluster",
            fix: isCluster
                ? "use redis:// or redis-sentinel://, or set cluster-enabled yes"
                : "use redis-cluster:// for this Redis")
    }
}
