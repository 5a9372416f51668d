import HoldfastCoordination
import HoldfastRedis

/// What `doctor` checks of Redis as a whole.
enum RedisChecks {
    /// Looks at every server, and at what makes them one.
    ///
    /// - Throws: `RedisError`.
    static func run(_ redis: RedisClient, _ invocation: Invocation) async throws -> [DoctorCheck] {
        let topology = redis.configuration.topology
        let servers = try await RedisFacts.read(redis)
        var checks = joined(servers.map { ($0.place, $0.checks(topology)) })
        switch topology {
        case .standalone: break
        case .cluster: checks += try await cluster(redis, masters: servers.count)
        case .sentinel(let sentinel):
            checks.append(await sentinels(invocation, name: sentinel.serviceName))
        }
        return checks
    }

    /// Makes one check of the same check on each server: what all have in common, or those that are wrong by name.
    static func joined(_ servers: [(place: String, checks: [DoctorCheck])]) -> [DoctorCheck] {
        guard servers.count > 1, let first = servers.first else { return servers.first?.checks ?? [] }
        return first.checks.indices.map { index in
            let all = servers.map { (place: $0.place, check: $0.checks[index]) }
            let bad = all.filter { !$0.check.ok }
            var found: [String] = []
            for (place, check) in bad.isEmpty ? all : bad {
                let text = bad.isEmpty ? check.found : "\(place): \(check.found)"
                if !found.contains(text) { found.append(text) }
            }
            let sample = bad.first?.check ?? first.checks[index]
            return DoctorCheck(
                sample.name, ok: bad.isEmpty, found: found.joined(separator: ", "), wanted: sample.wanted,
                fix: sample.fix)
        }
    }

    private static func cluster(_ redis: RedisClient, masters: Int) async throws -> [DoctorCheck] {
        var states: [String: Int] = [:]
        for node in try await redis.masters() {
            let text = try await redis.command(["CLUSTER", "INFO"], on: node).decodeString("CLUSTER INFO")
            states[ClusterState(text).description, default: 0] += 1
        }
        let whole = ClusterState.whole.description
        let found = states.keys.sorted().map { states.count == 1 ? $0 : "\(states[$0] ?? 0) nodes: \($0)" }
        return [
            DoctorCheck(
                "redis.cluster", ok: states.keys.allSatisfy { $0 == whole }, found: found.joined(separator: "; "),
                wanted: whole, fix: "look at CLUSTER NODES and run redis-cli --cluster fix"),
            DoctorCheck(
                "redis.masters", ok: masters >= 3, found: "\(masters)", wanted: "3 or more",
                fix: "add masters: fewer than three cannot elect a successor"),
        ]
    }

    private static func sentinels(_ invocation: Invocation, name: String) async -> DoctorCheck {
        let sentinels = invocation.settings.sentinelConfigurations
        var answers: [(place: String, answer: String, ok: Bool)] = []
        for configuration in sentinels {
            let client = RedisClient(configuration: configuration, logger: invocation.connectionLogger)
            let (answer, ok) = await quorum(client, name)
            guard case .standalone(let address) = configuration.topology else { continue }
            answers.append((address.description, answer, ok))
        }
        let good = answers.count(where: \.ok)
        let bad = answers.filter { !$0.ok }.map { "\($0.place): \($0.answer)" }
        return DoctorCheck(
            "redis.sentinels", ok: bad.isEmpty && good >= 3,
            found: (["\(good) of \(sentinels.count) have a quorum"] + bad).joined(separator: "; "),
            wanted: "3 or more, each with a quorum",
            fix: "start the Sentinels that are named, check HOLDFAST_SENTINEL_PASSWORD, and name all of them in --redis"
        )
    }

    /// Asks one Sentinel whether enough others are there to elect a master.
    private static func quorum(_ client: RedisClient, _ name: String) async -> (answer: String, ok: Bool) {
        let running = Task { try await client.run() }
        defer { running.cancel() }
        do throws(RedisError) {
            let answer = try await client.command(
                ["SENTINEL", "CKQUORUM", .string(name)], timeout: min(.seconds(2), client.configuration.commandTimeout))
            return (try answer.decodeString("CKQUORUM"), true)
        } catch {
            return (error.serverError?.text ?? error.message, false)
        }
    }
}

/// What a node of a cluster thinks of the cluster.
private struct ClusterState: CustomStringConvertible {
    static let whole = ClusterState("cluster_state:ok\r\ncluster_slots_ok:16384")

    private var state = "unknown"
    private var slots = "0"

    /// Reads CLUSTER INFO.
    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            switch parts.first {
            case "cluster_state": state = parts.last ?? state
            case "cluster_slots_ok": slots = parts.last ?? slots
            default: break
            }
        }
    }

    var description: String { "state \(state), \(slots) of 16384 slots served" }
}
