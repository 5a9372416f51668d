import Foundation
import TestServers
import Testing

/// The files of `Deploy/redis`, moved to a folder: only addresses and paths differ.
private struct DeployFiles {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in try FileManager.default.contentsOfDirectory(atPath: AccessControl.deployFolder) {
            let text = try String(contentsOfFile: "\(AccessControl.deployFolder)/\(name)", encoding: .utf8)
            try text.replacing("/etc/redis", with: folder.path).replacing("/var/lib/redis", with: folder.path)
                .write(toFile: folder.file(name), atomically: false, encoding: .utf8)
        }
    }

    /// Starts a server with one of the files.
    func server(_ name: String, port: Int, _ arguments: [String] = []) async throws -> RedisProcess {
        try await RedisProcess(
            port: port, home: try TemporaryFolder(), arguments: [folder.file(name)] + arguments,
            login: AccessControl.administrator.arguments)
    }
}

@Suite("Deploy/redis", .serialized, .timeLimit(.minutes(10)))
struct DeployFilesTests {
    private func tool(redis: String) throws -> Tool {
        let folder = try TemporaryFolder()
        return try Tool(
            environment: [
                "HOLDFAST_REDIS": redis, "HOLDFAST_REDIS_PASSWORD": AccessControl.holdfast.password,
                "HOLDFAST_SENTINEL_PASSWORD": "CHANGE-ME-sentinels",
                "HOLDFAST_STORE": "sqlite:\(folder.file("store.sqlite"))",
            ], folder: folder)
    }

    /// Uses a Redis as an operator would, and expects `doctor` to find nothing.
    private func use(_ tool: Tool, mode: String, refusals: () throws -> String) async throws {
        let migrated = try await tool.run("migrate")
        #expect(migrated.status == 0, "\(migrated.errors)")
        let doctor = try await tool.run("doctor", "--json")
        let checks = try #require(try doctor.json()["checks"] as? [[String: Any]])
        #expect(doctor.status == 0, "\(checks.filter { $0["ok"] as? Bool == false })")
        let status = try await tool.run("status", "--json")
        #expect((try status.json()["redis"] as? [String: Any])?["mode"] as? String == mode)
        let put = try await tool.run(["profile", "put", "players", "42", "-"], input: #"{"coins":1}"#)
        #expect(put.status == 0, "\(put.errors)")
        let lease = try await tool.run("profile", "lease", "players", "42", "--json")
        #expect(try lease.json()["held"] as? Bool == false)
        let shown = try await tool.run("config", "show")
        #expect(shown.output.contains(tool.environment["HOLDFAST_REDIS"] ?? "?") && !shown.output.contains("CHANGE-ME"))
        let log = try refusals()
        #expect(log.isEmpty, "\(log)")
        // Keys of all records need the operator.
        let sessions = try await tool.run("session", "list", "--json")
        #expect(sessions.status == 77, "\(sessions.errors)")
        let operators = try Tool(
            environment: tool.environment.merging([
                "HOLDFAST_REDIS": (tool.environment["HOLDFAST_REDIS"] ?? "").replacing(
                    "holdfast@", with: "holdfast-operator@"),
                "HOLDFAST_REDIS_PASSWORD": AccessControl.holdfastOperator.password,
            ]) { $1 }, folder: tool.folder)
        let listed = try await operators.run("session", "list", "--json")
        #expect(listed.status == 0, "\(listed.errors)")
    }

    @Test("one server: redis.conf and users.acl")
    func standalone() async throws {
        let files = try DeployFiles()
        let server = try await files.server("redis.conf", port: try LoopbackPort.free())
        try await use(try tool(redis: "redis://holdfast@127.0.0.1:\(server.port)"), mode: "standalone") {
            try server.command("ACL", "LOG")
        }
        let wrong = try await tool(redis: "redis-cluster://holdfast@127.0.0.1:\(server.port)").run(
            "doctor", "--timeout", "10s", "--json")
        #expect(wrong.status == 1)
    }

    @Test("a master with replicas and three Sentinels: master.conf and sentinel.conf")
    func sentinel() async throws {
        let port = try LoopbackPort.free()
        let files = try DeployFiles()
        let master = try await files.server("master.conf", port: port)
        let replica = try await files.server(
            "master.conf", port: try LoopbackPort.free(), ["--replicaof", "127.0.0.1 \(port)"])
        var sentinels: [RedisProcess] = []
        for _ in 0..<3 {
            let home = try TemporaryFolder()
            let text = try String(contentsOfFile: files.folder.file("sentinel.conf"), encoding: .utf8)
            try text.replacing("127.0.0.1 6379", with: "127.0.0.1 \(port)")
                .write(toFile: home.file("sentinel.conf"), atomically: false, encoding: .utf8)
            sentinels.append(
                try await RedisProcess(
                    port: try LoopbackPort.free(), home: home, arguments: [home.file("sentinel.conf"), "--sentinel"],
                    login: ["-a", "CHANGE-ME-sentinels", "--no-auth-warning"]))
        }
        for sentinel in sentinels {
            try await eventually("a Sentinel can have a successor elected") {
                try sentinel.command("SENTINEL", "CKQUORUM", "main").hasPrefix("OK 3")
            }
        }
        try await eventually("the replica is in step") {
            try master.command("INFO", "replication").contains("state=online")
        }
        let hosts = sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        try await use(try tool(redis: "redis-sentinel://holdfast@\(hosts)/main"), mode: "sentinel") {
            try master.command("ACL", "LOG") + replica.command("ACL", "LOG")
        }
        sentinels[2].kill()
        // One that does not answer for two seconds counts as lost, too.
        try await eventually("doctor misses the one that was killed") {
            let doctor = try await tool(redis: "redis-sentinel://holdfast@\(hosts)/main").run("doctor", "--json")
            #expect(doctor.status == 1)
            return doctor.output.contains("2 of 3 have a quorum")
        }
    }

    @Test("a cluster: cluster.conf")
    func cluster() async throws {
        let files = try DeployFiles()
        var nodes: [RedisProcess] = []
        for _ in 0..<6 {
            nodes.append(
                try await files.server(
                    "cluster.conf", port: try LoopbackPort.free(), ["--cluster-port", "\(try LoopbackPort.free())"]))
        }
        _ = try ChildProcess.output(
            of: "redis-cli",
            AccessControl.administrator.arguments + ["--cluster", "create"] + nodes.map { "127.0.0.1:\($0.port)" }
                + ["--cluster-replicas", "1", "--cluster-yes"])
        for node in nodes {
            try await eventually("the cluster is up") {
                try node.command("CLUSTER", "INFO").contains("cluster_state:ok")
                    && node.command("INFO", "replication").contains(/state=online|master_link_status:up/)
            }
            try node.command("ACL", "LOG", "RESET")
        }
        let tool = try tool(redis: "redis-cluster://holdfast@127.0.0.1:\(nodes[0].port),127.0.0.1:\(nodes[1].port)")
        try await use(tool, mode: "cluster") {
            try nodes.map { try $0.command("ACL", "LOG") }.joined()
        }
        let wrong = try await self.tool(redis: "redis://holdfast@127.0.0.1:\(nodes[0].port)").run("doctor", "--json")
        #expect(wrong.status == 1)
        #expect(wrong.output.contains("redis-cluster://") || wrong.output.contains("MOVED"))
    }
}
