import Foundation
import HoldfastPrivateServers

/// A master, two replicas and three Sentinels of one test's own, as plain processes on loopback ports.
///
/// The Sentinels miss the master after one second. Everything ends with the value.
public final class PrivateSentinel: Sendable {
    /// The name that the Sentinels know the master by.
    public static let serviceName = "main"

    /// The first master, then its two replicas.
    public let servers: [RedisProcess]
    /// The three Sentinels.
    public let sentinels: [RedisProcess]

    /// Starts everything and returns when every Sentinel knows all others and both replicas.
    ///
    /// - Parameters:
    ///   - password: Required by the servers.
    ///   - sentinelPassword: Required by the Sentinels.
    public static func start(password: String? = nil, sentinelPassword: String? = nil) async throws -> PrivateSentinel {
        let login = password.map { ["--requirepass", $0, "--masterauth", $0] } ?? []
        var servers: [RedisProcess] = []
        for index in 0..<3 {
            let replica = index == 0 ? [] : ["--replicaof", "127.0.0.1 \(servers[0].port)"]
            servers.append(
                try await RedisProcess(
                    port: try LoopbackPort.free(), home: try TemporaryFolder(),
                    arguments: [
                        "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0",
                        "--enable-debug-command", "yes",
                    ] + login + replica, login: Self.login(password)))
        }
        var sentinels: [RedisProcess] = []
        for _ in 0..<3 {
            let home = try TemporaryFolder()
            var settings = """
                sentinel monitor \(serviceName) 127.0.0.1 \(servers[0].port) 2
                sentinel down-after-milliseconds \(serviceName) 1000
                sentinel failover-timeout \(serviceName) 5000
                sentinel parallel-syncs \(serviceName) 2

                """
            if let password { settings += "sentinel auth-pass \(serviceName) \(password)\n" }
            if let sentinelPassword {
                settings += "requirepass \(sentinelPassword)\nsentinel sentinel-pass \(sentinelPassword)\n"
            }
            try settings.write(toFile: home.file("sentinel.conf"), atomically: false, encoding: .utf8)
            sentinels.append(
                try await RedisProcess(
                    port: try LoopbackPort.free(), home: home, arguments: [home.file("sentinel.conf"), "--sentinel"],
                    login: Self.login(sentinelPassword)))
        }
        let group = PrivateSentinel(servers: servers, sentinels: sentinels)
        for sentinel in sentinels {
            try await eventually("a Sentinel knows everybody") {
                let master = try sentinel.command("SENTINEL", "MASTER", serviceName)
                let fields = master.split(separator: "\n").map(String.init)
                func value(_ name: String) -> String? {
                    fields.firstIndex(of: name).map { fields[$0 + 1] }
                }
                return value("num-slaves") == "2" && value("num-other-sentinels") == "2"
            }
        }
        return group
    }

    private static func login(_ password: String?) -> [String] {
        password.map { ["-a", $0, "--no-auth-warning"] } ?? []
    }

    private init(servers: [RedisProcess], sentinels: [RedisProcess]) {
        self.servers = servers
        self.sentinels = sentinels
    }

    /// The server that most Sentinels name as the master.
    public func master() throws -> RedisProcess? {
        var votes: [Int: Int] = [:]
        for sentinel in sentinels where sentinel.isRunning {
            let answer = try sentinel.command("SENTINEL", "get-master-addr-by-name", Self.serviceName)
            if let port = answer.split(separator: "\n").last.flatMap({ Int($0) }) { votes[port, default: 0] += 1 }
        }
        let port = votes.first { $0.value * 2 > sentinels.count }?.key
        return servers.first { $0.port == port }
    }
}
