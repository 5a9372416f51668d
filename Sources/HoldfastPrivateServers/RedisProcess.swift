import Foundation
import Glibc
import Synchronization

/// One `redis-server` process on a Unix socket, and on a loopback port if it has one.
///
/// It keeps its folder and ports over a restart, and ends with the value.
public final class RedisProcess: Sendable {
    /// TCP port on 127.0.0.1; 0 for none.
    public let port: Int
    private let home: TemporaryFolder
    private let arguments: [String]
    private let login: [String]
    private let child = Mutex<ChildProcess?>(nil)

    /// Its working folder.
    public var folder: String { home.path }
    /// Where operators' commands go, whatever happens to the port.
    public var socketPath: String { home.file("redis.sock") }
    /// What it has logged.
    public var log: String { child.withLock { $0?.log ?? "" } }
    /// Whether it runs, frozen or not.
    public var isRunning: Bool { child.withLock { $0?.isRunning ?? false } }

    /// Starts a server and returns when it answers.
    ///
    /// - Parameters:
    ///   - port: On 127.0.0.1.
    ///   - home: Its working folder.
    ///   - arguments: After a configuration file, if any; folder, port and socket are added.
    ///   - login: The words with which `redis-cli` logs in.
    public init(
        port: Int, home: TemporaryFolder, arguments: [String], login: [String] = []
    ) async throws {
        self.port = port
        self.home = home
        self.login = login
        self.arguments =
            arguments + [
                "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", home.file("redis.sock"), "--dir", home.path,
                "--daemonize", "no",
            ]
        try await restart()
    }

    /// Starts a server of its own that keeps nothing on disk, on a Unix socket in a temporary folder only.
    public static func start() async throws -> RedisProcess {
        try await RedisProcess(port: 0, home: TemporaryFolder(), arguments: ["--save", "", "--appendonly", "no"])
    }

    deinit {
        kill()
    }

    /// Ends the server in order, if it runs.
    public func stop() {
        take()?.stop()
    }

    /// Ends the server by SIGKILL, if it runs.
    public func kill() {
        take()?.stop(signal: SIGKILL)
    }

    private func take() -> ChildProcess? {
        child.withLock { child in
            defer { child = nil }
            return child
        }
    }

    /// Ends the server by SIGKILL if it runs, starts it with the same folder and port, and waits until it answers.
    public func restart() async throws {
        kill()
        unlink(socketPath)
        let started = try ChildProcess(
            "redis-server", arguments, folder: folder, logPath: home.file("redis.log"), home: home)
        child.withLock { $0 = started }
        try await eventually("redis-server answers; its log: \(started.log)") {
            guard started.isRunning else { throw PrivateServerError("redis-server ended: \(started.log)") }
            return (try? command("PING")) == "PONG"
        }
    }

    /// Freezes the server: connections stay open, nothing is answered.
    public func pause() {
        child.withLock { $0?.signal(SIGSTOP) }
    }

    /// Thaws a frozen server.
    public func resume() {
        child.withLock { $0?.signal(SIGCONT) }
    }

    /// Runs one command through `redis-cli` and returns what it printed, without the last newline.
    @discardableResult
    public func command(_ words: String...) throws -> String {
        try command(words)
    }

    /// Runs one command through `redis-cli` and returns what it printed, without the last newline.
    @discardableResult
    public func command(_ words: [String]) throws -> String {
        var text = try ChildProcess.output(of: "redis-cli", ["-s", socketPath] + login + words)
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    /// Runs many commands through one `redis-cli` and returns all that it printed, a line for each plain reply.
    ///
    /// Words with white space do not survive this.
    @discardableResult
    public func commands(_ lines: [String]) throws -> [String] {
        guard !lines.isEmpty else { return [] }
        let input = home.file("commands")
        try (lines.joined(separator: "\n") + "\n").write(toFile: input, atomically: false, encoding: .utf8)
        let text = try ChildProcess.output(
            of: "/bin/sh", ["-c", "exec redis-cli -s \"$0\" <\"$1\"", socketPath, input])
        return text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }
}
