import Glibc
import HoldfastPrivateServers
import Synchronization

/// A `redis-server` of one test's own, on a Unix socket in a temporary folder.
///
/// It ends with the value. Data survives ``kill()`` and ``restart()`` only with `appendOnly`.
///
/// The environment variable `HOLDFAST_TEST_REDIS` changes every server whose options leave it free: `cluster` runs
/// it in cluster mode, `acl` with the users of `Deploy/redis/users.acl` and without a default user, `acl,cluster` both.
/// Clients then have to log in with ``clientLogin``. Whatever a user was refused fails the test that the server ends
/// in, unless the test has asked for it with ``refusals()``.
public final class PrivateRedis: Sendable {
    /// What the server is started with.
    public struct Options: Sendable, Equatable {
        /// Whether the append-only file is on, with an fsync per write.
        public var appendOnly = false
        /// Whether the server runs in cluster mode and owns all slots, so that a cross-slot key fails.
        public var clusterMode = TestRedisMode.current.isCluster
        /// Whether only the users of `Deploy/redis/users.acl` may do anything.
        ///
        /// Without effect where a password is set.
        public var accessControl = TestRedisMode.current.hasAccessControl
        /// Required from every client when set.
        public var password: String?
        /// Whether it listens on a loopback TCP port as well.
        public var tcp = false
        /// Whether it listens on a loopback TLS port as well, with a certificate for `localhost`.
        public var tls = false
        /// More arguments, `["--maxmemory", "10mb"]` for example.
        public var arguments: [String] = []

        /// Everything off, unless the environment turns it on.
        public init() {}
    }

    /// What it was started with.
    public let options: Options
    /// Plain TCP port on 127.0.0.1, if asked for; cluster mode has one always.
    public let port: Int?
    /// TLS port on 127.0.0.1, if asked for.
    public let tlsPort: Int?
    /// The files of the TLS port.
    public let certificate: TestCertificate?
    /// What clients log in with, where there are users: the least of them.
    public let clientLogin: AccessControl.Login?
    /// The user for what lists keys.
    public let operatorLogin: AccessControl.Login?
    private let accessControl: AccessControl?
    private let home: TemporaryFolder
    private let clusterPort: Int?
    private let child = Mutex<ChildProcess?>(nil)
    private let isFrozen = Atomic(false)
    private let hasChannels = Atomic(true)

    /// Where it listens.
    public var socketPath: String { home.file("redis.sock") }
    /// Its working folder, with the append-only files under `appendonlydir`.
    public var folder: String { home.path }
    /// Its process id; nil while it is down.
    public var pid: pid_t? { child.withLock { $0?.pid } }
    /// What it has logged.
    public var log: String { child.withLock { $0?.log ?? "" } }

    /// Starts a server and returns when it answers.
    public static func start(_ options: Options = Options()) async throws -> PrivateRedis {
        let isUsual = options.clusterMode && options == Options()
        let server = isUsual ? try await SpareServers.shared.take() : try await startFresh(options)
        if server.accessControl != nil { RefusalWatch.add(server) }
        return server
    }

    /// Starts a server that nobody watches yet.
    static func startFresh(_ options: Options) async throws -> PrivateRedis {
        let server = try PrivateRedis(options)
        try await server.restart()
        return server
    }

    private init(_ options: Options) throws {
        self.options = options
        self.home = try TemporaryFolder()
        self.port = options.tcp || options.clusterMode ? try LoopbackPort.free() : nil
        self.tlsPort = options.tls ? try LoopbackPort.free() : nil
        self.clusterPort = options.clusterMode ? try LoopbackPort.free() : nil
        self.certificate = options.tls ? try TestCertificate(in: home) : nil
        self.accessControl = options.accessControl && options.password == nil ? try AccessControl(in: home) : nil
        self.clientLogin = accessControl.map { _ in AccessControl.holdfast }
        self.operatorLogin = accessControl.map { _ in AccessControl.holdfastOperator }
    }

    deinit {
        // Before its folder goes.
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

    /// Ends the server by SIGKILL if it runs, starts it on the same folder and ports, and waits until it answers.
    public func restart() async throws {
        kill()
        isFrozen.store(false, ordering: .sequentiallyConsistent)
        unlink(socketPath)
        let started = try ChildProcess(
            "redis-server", arguments, folder: folder, logPath: home.file("redis.log"), home: home)
        child.withLock { $0 = started }
        try await eventually("redis-server answers; its log: \(started.log)") {
            guard started.isRunning else { throw TestServerError("redis-server ended: \(started.log)") }
            return answers()
        }
        guard options.clusterMode else { return }
        if try !command("CLUSTER", "INFO").contains("cluster_slots_assigned:16384") {
            _ = try command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        }
        // Redis takes at least as long, whatever it is asked meanwhile.
        try await Task.sleep(for: .seconds(1.9))
        try await eventually("the cluster is up") { try command("CLUSTER", "INFO").contains("cluster_state:ok") }
    }

    /// Freezes the server: connections stay open, nothing is answered.
    public func pause() {
        expectNoRefusals()
        isFrozen.store(true, ordering: .sequentiallyConsistent)
        child.withLock { $0?.signal(SIGSTOP) }
    }

    /// Thaws a frozen server.
    public func resume() {
        child.withLock { $0?.signal(SIGCONT) }
        isFrozen.store(false, ordering: .sequentiallyConsistent)
    }

    /// Removes every key.
    public func flushAll() throws {
        _ = try command("FLUSHALL")
    }

    /// Runs one command through `redis-cli` and returns what it printed, without the last newline.
    @discardableResult
    public func command(_ words: String...) throws -> String {
        try run(words)
    }

    /// The same with the words in an array.
    @discardableResult
    public func run(_ words: [String]) throws -> String {
        var login = options.password.map { ["-a", $0, "--no-auth-warning"] } ?? []
        if accessControl != nil { login = AccessControl.administrator.arguments }
        var text = try ChildProcess.output(of: "redis-cli", ["-s", socketPath] + login + words)
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    /// Takes the right to publish and to subscribe from clients, so that every hint is lost.
    public func refuseChannels() throws {
        try command("ACL", "SETUSER", clientLogin?.user ?? "default", "resetchannels")
        hasChannels.store(false, ordering: .sequentiallyConsistent)
    }

    /// What the users of `Deploy/redis/users.acl` were refused since the last call, a sentence for each.
    public func refusals() throws -> [String] {
        let isRunning = child.withLock { $0?.isRunning ?? false }
        guard accessControl != nil, isRunning, !isFrozen.load(ordering: .sequentiallyConsistent) else { return [] }
        let log = try ChildProcess.output(
            of: "redis-cli", ["-s", socketPath] + AccessControl.administrator.arguments + ["--json", "ACL", "LOG"])
        try command("ACL", "LOG", "RESET")
        return try AccessControl.refusals(
            in: log, withChannels: hasChannels.load(ordering: .sequentiallyConsistent))
    }

    /// Fails the test for everything that the users were refused.
    public func expectNoRefusals() {
        do {
            for refusal in try refusals() { RefusalWatch.report(refusal) }
        } catch {
            RefusalWatch.report("cannot tell what the users were refused: \(error)")
        }
    }

    private func take() -> ChildProcess? {
        // The log ends with the process.
        expectNoRefusals()
        return child.withLock { child in
            defer { child = nil }
            return child
        }
    }

    private var arguments: [String] {
        var list = [
            "--unixsocket", socketPath, "--unixsocketperm", "700", "--dir", folder, "--bind", "127.0.0.1",
            "--port", "\(port ?? 0)", "--save", "", "--daemonize", "no", "--enable-debug-command", "yes",
            "--appendonly", options.appendOnly ? "yes" : "no", "--appendfsync", "always",
        ]
        if let tlsPort, let certificate {
            list += [
                "--tls-port", "\(tlsPort)", "--tls-auth-clients", "no", "--tls-ca-cert-file", certificate.authority,
                "--tls-cert-file", certificate.certificate, "--tls-key-file", certificate.key,
            ]
        }
        if let clusterPort {
            list += ["--cluster-enabled", "yes", "--cluster-port", "\(clusterPort)"]
        }
        if let password = options.password { list += ["--requirepass", password] }
        if let accessControl { list += ["--aclfile", accessControl.path] }
        return list + options.arguments
    }

    /// Sends one PING over a socket of its own.
    ///
    /// A server that asks for a password is up as well.
    private func answers() -> Bool {
        guard let descriptor = try? UnixSocket.open(socketPath, { connect($0, $1, $2) }) else { return false }
        defer { close(descriptor) }
        guard send(descriptor, "PING\r\n", 6, Int32(MSG_NOSIGNAL)) == 6 else { return false }
        var reply = [UInt8](repeating: 0, count: 64)
        let count = recv(descriptor, &reply, reply.count, 0)
        guard count > 0 else { return false }
        let text = String(decoding: reply[..<count], as: UTF8.self)
        return text.hasPrefix("+PONG") || text.hasPrefix("-NOAUTH")
    }
}
