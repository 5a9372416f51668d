import HoldfastRedis

/// Where Redis is: the value of `--redis`.
enum RedisAddress: Equatable, Sendable {
    /// A private server in the data folder, started and watched by the keeper.
    case embedded
    case tcp(host: String, port: Int, user: String?, tls: Bool)
    case unixSocket(path: String)
    /// Sentinels, and the name that they know the master by.
    case sentinel(hosts: [Host], name: String, user: String?, tls: Bool)
    /// Some nodes of a cluster.
    case cluster(hosts: [Host], user: String?, tls: Bool)

    /// One of several servers.
    struct Host: Equatable, Sendable {
        var name: String
        var port: Int
    }

    /// The port of an address that names none.
    static let defaultPort = 6_379
    /// The same of a Sentinel.
    static let defaultSentinelPort = 26_379
    private static let forms =
        "embedded, redis://, rediss://, redis+unix://, redis-sentinel://, rediss-sentinel://, redis-cluster:// "
        + "or rediss-cluster://"

    /// Reads one of the forms that `--redis` takes.
    init(_ text: String) throws(AddressError) {
        if text == "embedded" {
            self = .embedded
            return
        }
        guard let separator = text.range(of: "://") else {
            throw AddressError("expected \(Self.forms)")
        }
        let rest = text[separator.upperBound...]
        switch text[..<separator.lowerBound] {
        case "redis": self = try Self.tcp(rest, tls: false)
        case "rediss": self = try Self.tcp(rest, tls: true)
        case "redis+unix":
            guard rest.hasPrefix("/"), rest.utf8.count > 1 else {
                throw AddressError("redis+unix:// is followed by the socket's absolute path")
            }
            guard rest.utf8.count <= 107 else {
                throw AddressError("a socket path has at most 107 bytes, not \(rest.utf8.count)")
            }
            self = .unixSocket(path: String(rest))
        case "redis-sentinel": self = try Self.sentinel(rest, tls: false)
        case "rediss-sentinel": self = try Self.sentinel(rest, tls: true)
        case "redis-cluster": self = try Self.cluster(rest, tls: false)
        case "rediss-cluster": self = try Self.cluster(rest, tls: true)
        default:
            throw AddressError("expected \(Self.forms)")
        }
    }

    private static func tcp(_ rest: Substring, tls: Bool) throws(AddressError) -> RedisAddress {
        let authority = try Authority(
            try withoutDatabase(rest), passwordVariable: SettingName.redisPassword.variable)
        guard !authority.host.isEmpty else { throw AddressError("the host is missing") }
        return .tcp(
            host: authority.host, port: authority.port ?? defaultPort, user: authority.user, tls: tls
        )
    }

    /// `[user@]host[:port],…/name`; the user is the master's.
    private static func sentinel(_ rest: Substring, tls: Bool) throws(AddressError) -> RedisAddress {
        guard let slash = rest.lastIndex(of: "/"),
            let name = Authority.percentDecoded(rest[rest.index(after: slash)...]),
            !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { throw AddressError("the addresses of Sentinels are followed by /NAME, the name of the master") }
        let (hosts, user) = try hosts(rest[..<slash], defaultPort: defaultSentinelPort)
        return .sentinel(hosts: hosts, name: name, user: user, tls: tls)
    }

    /// Reads `[user@]host[:port],…`.
    private static func cluster(_ rest: Substring, tls: Bool) throws(AddressError) -> RedisAddress {
        let (hosts, user) = try hosts(try withoutDatabase(rest), defaultPort: defaultPort)
        return .cluster(hosts: hosts, user: user, tls: tls)
    }

    private static func hosts(_ text: Substring, defaultPort: Int) throws(AddressError) -> ([Host], user: String?) {
        var hosts: [Host] = []
        var user: String?
        for (index, part) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let authority = try Authority(part, passwordVariable: SettingName.redisPassword.variable)
            guard !authority.host.isEmpty else { throw AddressError("a host is missing") }
            guard index == 0 || authority.user == nil else {
                throw AddressError("one user is given, before the first host")
            }
            user = user ?? authority.user
            let host = Host(name: authority.host, port: authority.port ?? defaultPort)
            guard !hosts.contains(host) else { throw AddressError("\(host) is named twice") }
            hosts.append(host)
        }
        return (hosts, user)
    }

    private static func withoutDatabase(_ text: Substring) throws(AddressError) -> Substring {
        guard let slash = text.lastIndex(of: "/") else { return text }
        let database = text[text.index(after: slash)...]
        guard database.isEmpty || database == "0" else {
            throw AddressError("only database 0 is used; leave \"/\(database)\" out")
        }
        return text[..<slash]
    }
}

extension RedisAddress.Host: CustomStringConvertible {
    var description: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
}

extension RedisAddress: CustomStringConvertible {
    var description: String {
        switch self {
        case .embedded: return "embedded"
        case .unixSocket(let path): return "redis+unix://\(path)"
        case .tcp(let host, let port, let user, let tls):
            return Self.text("redis", [Host(name: host, port: port)], user, tls)
        case .sentinel(let hosts, let name, let user, let tls):
            return Self.text("redis-sentinel", hosts, user, tls) + "/\(Self.encoded(name))"
        case .cluster(let hosts, let user, let tls):
            return Self.text("redis-cluster", hosts, user, tls)
        }
    }

    private static func text(_ scheme: String, _ hosts: [Host], _ user: String?, _ tls: Bool) -> String {
        let scheme = tls ? scheme.replacing("redis", with: "rediss", maxReplacements: 1) : scheme
        let login = user.map { "\(encoded($0))@" } ?? ""
        return "\(scheme)://\(login)\(hosts.map(\.description).joined(separator: ","))"
    }

    /// The form that ``Authority/percentDecoded(_:)`` reads back.
    private static func encoded(_ text: String) -> String {
        String(decoding: PercentEncoding.encode(text.utf8), as: UTF8.self)
    }
}
