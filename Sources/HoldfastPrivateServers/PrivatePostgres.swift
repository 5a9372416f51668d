import Foundation
import Glibc
import Synchronization

/// A PostgreSQL server of one's own, on a Unix socket in a temporary folder.
///
/// It ends with the value. Its superuser `postgres` needs no password; the user `guarded` has the password `secret`.
public final class PrivatePostgres: Sendable {
    private let home: TemporaryFolder
    private let syncs: Bool
    private let child = Mutex<ChildProcess?>(nil)
    private static let binaries = "/usr/lib/postgresql/15/bin"

    /// Where its socket is: the `host` of a connection.
    public var folder: String { home.path }
    /// The process id of the postmaster; nil while it is down.
    public var pid: pid_t? { child.withLock { $0?.pid } }
    /// What it has logged.
    public var log: String { child.withLock { $0?.log ?? "" } }

    /// Creates a cluster, starts it and returns when it answers.
    ///
    /// - Parameter syncs: Whether a commit waits for the disk; only a loss of power tells the difference.
    public static func start(syncs: Bool = true) async throws -> PrivatePostgres {
        let server = try PrivatePostgres(syncs: syncs)
        try server.initialize()
        try await server.restart()
        try server.query("CREATE ROLE guarded LOGIN PASSWORD 'secret'")
        return server
    }

    private init(syncs: Bool) throws {
        self.syncs = syncs
        self.home = try TemporaryFolder()
        try UnprivilegedUser.own(home.path)
    }

    deinit {
        take()?.stop(signal: SIGQUIT)
    }

    /// The URL of a store in this server.
    public func url(user: String = "postgres", database: String = "postgres") -> String {
        "postgres://\(user)@/\(database)?host=\(folder)"
    }

    /// Ends the server in order, if it runs.
    public func stop() {
        take()?.stop(signal: SIGINT)
    }

    /// Ends the server at once and removes its data; for servers that outlive their test.
    package func discard() {
        take()?.stop(signal: SIGQUIT)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Ends the server and all its backends by SIGKILL, if it runs.
    public func kill() async throws {
        guard let server = take() else { return }
        // A stopped postmaster starts no further backends.
        server.signal(SIGSTOP)
        let backends = Self.children(of: server.pid)
        server.stop(signal: SIGKILL)
        for backend in backends { _ = Glibc.kill(backend, SIGKILL) }
        try await eventually("the backends are gone") { backends.allSatisfy { !Self.runs($0) } }
    }

    /// Ends the server in order if it runs, starts it on the same data and waits until it answers.
    public func restart() async throws {
        stop()
        let words = UnprivilegedUser.words(
            "\(Self.binaries)/postgres",
            [
                "-D", home.file("data"), "-c", "listen_addresses=", "-c", "unix_socket_directories=\(folder)",
                "-c", "fsync=\(syncs ? "on" : "off")", "-c", "max_connections=400", "-c", "shared_buffers=64MB",
            ])
        let started = try ChildProcess(
            words.executable, words.arguments, logPath: home.file("postgres.log"), home: home)
        child.withLock { $0 = started }
        try await eventually("postgres answers; its log: \(started.log)") {
            guard started.isRunning else { throw PrivateServerError("postgres ended: \(started.log)") }
            return (try? query("SELECT 1")) == "1"
        }
    }

    /// Freezes the server with all its backends: connections stay open, nothing is answered.
    public func pause() {
        signalAll(SIGSTOP)
    }

    /// Thaws a frozen server.
    public func resume() {
        signalAll(SIGCONT)
    }

    /// Runs statements as the superuser and returns what psql printed: a line for each row, columns behind `|`.
    @discardableResult
    public func query(_ sql: String, database: String = "postgres") throws -> String {
        let text = try ChildProcess.output(
            of: "\(Self.binaries)/psql",
            [
                "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", "postgres", "-d", database, "-c",
                sql,
            ])
        return text.trimmingCharacters(in: .newlines)
    }

    /// The backends that serve connections of an application.
    public func backends(of application: String) throws -> [pid_t] {
        try query("SELECT pid FROM pg_stat_activity WHERE application_name = '\(application)' ORDER BY pid")
            .split(separator: "\n").compactMap { pid_t($0) }
    }

    /// Ends one backend by SIGKILL, which makes the server end all others and recover.
    public func kill(backend: pid_t) {
        guard let pid, Self.children(of: pid).contains(backend) else { return }
        _ = Glibc.kill(backend, SIGKILL)
    }

    /// Freezes one backend.
    public func pause(backend: pid_t) {
        guard let pid, Self.children(of: pid).contains(backend) else { return }
        _ = Glibc.kill(backend, SIGSTOP)
    }

    private func initialize() throws {
        let words = UnprivilegedUser.words(
            "\(Self.binaries)/initdb",
            ["-D", home.file("data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
        _ = try ChildProcess.output(of: words.executable, words.arguments)
        let access = "local all guarded scram-sha-256\nlocal all all trust\n"
        try access.write(toFile: home.file("data/pg_hba.conf"), atomically: false, encoding: .utf8)
    }

    private func signalAll(_ number: Int32) {
        guard let server = child.withLock({ $0 }) else { return }
        server.signal(number)
        for backend in Self.children(of: server.pid) { _ = Glibc.kill(backend, number) }
    }

    private func take() -> ChildProcess? {
        child.withLock { child in
            defer { child = nil }
            return child
        }
    }

    private static func children(of pid: pid_t) -> [pid_t] {
        let list = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return (list ?? "").split(separator: " ").compactMap { pid_t($0) }
    }

    /// A zombie that nobody has collected does not run.
    private static func runs(_ pid: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return stat.split(separator: ")").last?.split(separator: " ").first != "Z"
    }
}
