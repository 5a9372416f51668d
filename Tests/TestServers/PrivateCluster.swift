import HoldfastPrivateServers

/// A Redis Cluster of one test's own: masters, and a replica for each, as plain processes on loopback ports.
///
/// A master that does not answer for two seconds is replaced by its replica, unless the test wants none of that. It
/// ends with the value.
public final class PrivateCluster: Sendable {
    /// One node's view of another, from CLUSTER NODES.
    private struct Entry {
        let port: Int
        let flags: Set<String>
        let isLinked: Bool
        let slots: [ClosedRange<Int>]
    }

    /// How long a node is missed before it counts as failed.
    public static let nodeTimeout = Duration.seconds(2)

    /// Masters first, then their replicas in the same order, as they were when the cluster was made.
    public let nodes: [RedisProcess]
    private let masterCount: Int

    /// The loopback ports of all nodes.
    public var ports: [Int] { nodes.map(\.port) }

    /// Makes a cluster whose slots are shared evenly, and returns when it is up and every replica is in step.
    ///
    /// - Parameters:
    ///   - masters: How many.
    ///   - replicas: Whether each of them has one.
    ///   - failsOver: Whether a node counts as failed soon; where there are replicas if left out. Else a machine that
    ///     stands still for some seconds takes no node for failed.
    public static func start(
        masters: Int = 3, replicas: Bool = true, failsOver: Bool? = nil
    ) async throws -> PrivateCluster {
        var nodes: [RedisProcess] = []
        for _ in 0..<(replicas ? 2 * masters : masters) {
            let home = try TemporaryFolder()
            nodes.append(
                try await RedisProcess(
                    port: try LoopbackPort.free(), home: home,
                    arguments: [
                        "--cluster-enabled", "yes", "--cluster-config-file", home.file("nodes.conf"),
                        "--cluster-port", "\(try LoopbackPort.free())",
                        "--cluster-node-timeout", "\(nodeTimeout.components.seconds * 1000)",
                        "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0", "--save", "",
                        "--appendonly", "no", "--enable-debug-command", "yes",
                    ]))
        }
        let cluster = PrivateCluster(nodes, masterCount: masters)
        try await cluster.join()
        if !(failsOver ?? replicas) {
            for node in nodes { try node.command("CONFIG", "SET", "cluster-node-timeout", "60000") }
        }
        return cluster
    }

    private init(_ nodes: [RedisProcess], masterCount: Int) {
        self.nodes = nodes
        self.masterCount = masterCount
    }

    private func join() async throws {
        let share = 16_384 / masterCount
        for (index, node) in nodes.enumerated() {
            var lines = ["CLUSTER SET-CONFIG-EPOCH \(index + 1)"]
            if index < masterCount {
                let end = index == masterCount - 1 ? 16_383 : (index + 1) * share - 1
                lines.append("CLUSTER ADDSLOTSRANGE \(index * share) \(end)")
            }
            try node.commands(lines)
        }
        try meet()
        var metAt = ContinuousClock.now
        try await everywhere("every node knows every other") { entries in
            let isWhole =
                entries.count == self.nodes.count
                && entries.allSatisfy { !$0.flags.contains("handshake") && $0.isLinked }
            // Nodes forget a handshake that takes longer than their timeout.
            if !isWhole, ContinuousClock.now - metAt > Self.nodeTimeout * 3 {
                try self.meet()
                metAt = .now
            }
            return isWhole
        }
        if nodes.count > masterCount {
            for (index, node) in nodes[masterCount...].enumerated() {
                try node.command("CLUSTER", "REPLICATE", try nodes[index].command("CLUSTER", "MYID"))
            }
            try await everywhere("every node knows the replicas") { entries in
                entries.filter { $0.flags.contains("slave") }.count == self.nodes.count - self.masterCount
            }
            for replica in nodes[masterCount...] {
                try await eventually("a replica is in step") {
                    try replica.command("INFO", "replication").contains("master_link_status:up")
                }
            }
        }
        try await waitUntilUp()
    }

    /// Introduces all nodes to each other.
    private func meet() throws {
        for (index, node) in nodes.enumerated() {
            let others = try nodes[..<index].map { other in
                let bus = try other.command("CONFIG", "GET", "cluster-port").split(separator: "\n")
                return "CLUSTER MEET 127.0.0.1 \(other.port) \(bus[1])"
            }
            try node.commands(others)
        }
    }

    /// Waits until every running node finds the cluster whole.
    public func waitUntilUp(within limit: Duration = .seconds(60)) async throws {
        for node in nodes where node.isRunning {
            try await eventually("the cluster is up", within: limit) {
                try node.command("CLUSTER", "INFO").contains("cluster_state:ok")
            }
        }
    }

    /// The node that `witness` takes for the owner of a slot.
    public func owner(of slot: Int, asSeenBy witness: RedisProcess) throws -> RedisProcess? {
        let entry = try entries(of: witness).first { entry in
            entry.flags.contains("master") && !entry.flags.contains("fail")
                && entry.slots.contains { $0.contains(slot) }
        }
        return entry.flatMap { entry in nodes.first { $0.port == entry.port } }
    }

    /// The slots that a node owns, as it sees it.
    public func slots(of node: RedisProcess) throws -> [ClosedRange<Int>] {
        try entries(of: node).first { $0.flags.contains("myself") }?.slots ?? []
    }

    /// Moves slots with all their keys to another master while clients work.
    ///
    /// One slot after the other is half moved for a while: some of its keys are at the old node, some at the new.
    public func move(_ slots: [Int], from source: RedisProcess, to target: RedisProcess) async throws {
        let (sourceID, targetID) = (try source.command("CLUSTER", "MYID"), try target.command("CLUSTER", "MYID"))
        for slot in slots {
            try target.command("CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", sourceID)
            try source.command("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", targetID)
            while true {
                let keys = try source.command("CLUSTER", "GETKEYSINSLOT", "\(slot)", "100").split(separator: "\n")
                guard !keys.isEmpty else { break }
                let words = ["MIGRATE", "127.0.0.1", "\(target.port)", "", "0", "5000", "KEYS"]
                try source.command(words + keys.map(String.init))
            }
            // The target first: else a failure in between leaves slots that nobody owns.
            for node in [target, source] + nodes.filter({ $0 !== target && $0 !== source && $0.isRunning }) {
                // Replicas learn it from their masters.
                _ = try? node.command("CLUSTER", "SETSLOT", "\(slot)", "NODE", targetID)
            }
        }
    }

    private func everywhere(_ what: String, _ condition: ([Entry]) throws -> Bool) async throws {
        for node in nodes {
            try await eventually(what) { try condition(try entries(of: node)) }
        }
    }

    private func entries(of node: RedisProcess) throws -> [Entry] {
        try node.command("CLUSTER", "NODES").split(separator: "\n").compactMap { line in
            // <id> <ip:port@bus> <flags> <master> <ping> <pong> <epoch> <link> <slot> …
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 8, let port = words[1].split(separator: "@").first?.split(separator: ":").last else {
                return nil
            }
            let slots = words[8...].compactMap { text -> ClosedRange<Int>? in
                let ends = text.split(separator: "-").compactMap { Int($0) }
                guard let first = ends.first, !text.hasPrefix("[") else { return nil }
                return first...(ends.last ?? first)
            }
            return Entry(
                port: Int(port) ?? 0, flags: Set(words[2].split(separator: ",").map(String.init)),
                isLinked: words[7] == "connected", slots: slots)
        }
    }
}
