import Foundation
import Glibc
import HoldfastPrivateServers

/// A PgBouncer in transaction mode before a private PostgreSQL, on a Unix socket in a temporary folder.
///
/// It ends with the value. Clients need no password and become the superuser of the server.
public final class PrivatePgBouncer: Sendable {
    private let home: TemporaryFolder
    private let child: ChildProcess
    private let server: PrivatePostgres

    /// Starts a PgBouncer and returns when it answers.
    ///
    /// - Parameters:
    ///   - server: Kept alive as long as the bouncer.
    ///   - poolSize: How many server connections it shares among all clients.
    public static func start(before server: PrivatePostgres, poolSize: Int = 4) async throws -> PrivatePgBouncer {
        let bouncer = try PrivatePgBouncer(server, poolSize: poolSize)
        try await eventually("pgbouncer answers; its log: \(bouncer.child.log)") {
            guard bouncer.child.isRunning else { throw TestServerError("pgbouncer ended: \(bouncer.child.log)") }
            return UnixSocket.accepts(bouncer.home.file(".s.PGSQL.6432"))
        }
        return bouncer
    }

    private init(_ server: PrivatePostgres, poolSize: Int) throws {
        self.server = server
        self.home = try TemporaryFolder()
        let settings = """
            [databases]
            * = host=\(server.folder) user=postgres
            [pgbouncer]
            listen_addr =
            listen_port = 6432
            unix_socket_dir = \(home.path)
            unix_socket_mode = 0777
            auth_type = any
            pool_mode = transaction
            default_pool_size = \(poolSize)
            max_client_conn = 1000
            """
        try settings.write(toFile: home.file("pgbouncer.ini"), atomically: false, encoding: .utf8)
        try UnprivilegedUser.own(home.path)
        try UnprivilegedUser.own(home.file("pgbouncer.ini"))
        let words = UnprivilegedUser.words("/usr/sbin/pgbouncer", [home.file("pgbouncer.ini")])
        self.child = try ChildProcess(
            words.executable, words.arguments, logPath: home.file("pgbouncer.log"), home: home)
    }

    deinit {
        stop()
    }

    /// What it has logged.
    public var log: String { child.log }

    /// The URL of a store behind it.
    public func url(database: String = "postgres") -> String {
        "postgres://postgres@:6432/\(database)?host=\(home.path)"
    }

    /// Ends it and removes its folder; for a bouncer that outlives its test.
    func discard() {
        stop()
        try? FileManager.default.removeItem(atPath: home.path)
    }

    /// Ends it at once, if it runs.
    public func stop() {
        child.stop(signal: SIGTERM)
    }
}
