internal import CHoldfastLibPQ
import HoldfastStorage

/// Where a PostgreSQL server or a PgBouncer listens, and how long a call may take.
public struct PostgresConfiguration: Sendable {
    /// How long a call may take, waiting and connecting included.
    ///
    /// Default 10 s, at least 100 ms.
    public var callTimeout: Duration
    /// How long one attempt to connect may take, name resolution included.
    ///
    /// Default 5 s.
    public var connectTimeout: Duration
    /// libpq's own connection settings, by keyword.
    let settings: [String: String]

    /// Where the store is, as an operator knows it, without user and password: `host:port/database`.
    public var address: String {
        let hosts = (settings["host"] ?? settings["hostaddr"] ?? "").split(separator: ",").joined(separator: ",")
        let port = hosts.hasPrefix("/") ? nil : settings["port"]
        return hosts + (port.map { ":\($0)" } ?? "") + "/" + (settings["dbname"] ?? settings["user"] ?? "")
    }

    /// Reads `postgres://user@host:port/database?host=/socket/dir&sslmode=verify-full`.
    ///
    /// Every parameter of libpq may follow the question mark. A password given apart wins over one in the URL.
    ///
    /// - Throws: ``StoreError`` with code `badInput` when it is no such URL, names no host, or has a port or an
    ///   sslmode that libpq would refuse at the first connection.
    public init(
        url: String, password: String? = nil, callTimeout: Duration = .seconds(10),
        connectTimeout: Duration = .seconds(5)
    ) throws(StoreError) {
        var settings = try Self.parse(url)
        if let password { settings["password"] = password }
        guard settings["host"]?.isEmpty == false || settings["hostaddr"]?.isEmpty == false else {
            throw StoreError(.badInput, "the store URL names no host; add one, or ?host=/socket/dir")
        }
        guard !settings.contains(where: { $0.key.utf8.contains(0) || $0.value.utf8.contains(0) }) else {
            throw StoreError(.badInput, "the store URL and password may not hold a NUL character")
        }
        try Self.check(settings)
        self.settings = settings
        self.callTimeout = max(callTimeout, .milliseconds(100))
        self.connectTimeout = max(connectTimeout, .milliseconds(100))
    }

    private static let sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

    private static func check(_ settings: [String: String]) throws(StoreError) {
        func list(_ name: String) -> [Substring] {
            (settings[name] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        }
        let hosts = list(settings["hostaddr"] == nil ? "host" : "hostaddr")
        let ports = list("port")
        guard ports.allSatisfy({ $0.isEmpty || Int($0).map { (1...65_535).contains($0) } ?? false }) else {
            throw StoreError(.badInput, "a port of the store URL is not a number from 1 to 65535")
        }
        guard ports.count == 1 || ports.count == hosts.count else {
            throw StoreError(.badInput, "the store URL names \(hosts.count) hosts and \(ports.count) ports")
        }
        if let mode = settings["sslmode"], !mode.isEmpty, !sslModes.contains(mode) {
            throw StoreError(.badInput, "the sslmode of the store URL is none of \(sslModes.joined(separator: ", "))")
        }
    }

    private static func parse(_ url: String) throws(StoreError) -> [String: String] {
        let form = "postgres://user@host:port/database?host=/socket/dir&sslmode=…"
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://"), !url.utf8.contains(0) else {
            throw StoreError(.badInput, "the store URL must have the form \(form)")
        }
        // libpq's message is not shown: it may quote a part of the URL that holds a password.
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(url, &message)
        if let message { PQfreemem(message) }
        guard let options else {
            throw StoreError(.badInput, "libpq cannot read the store URL; its form is \(form)")
        }
        defer { PQconninfoFree(options) }
        var settings: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { settings[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return settings
    }
}
