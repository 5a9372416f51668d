/// Where Redis is: the value of `--redis`.
enum RedisAddress: Equatable, Sendable {
    /// A private server in the data folder, started and watched by the keeper.
    case embedded
    case tcp(host: String, port: Int, user: String?, tls: Bool)
    case unixSocket(path: String)

    /// The port of an address that names none.
    static let defaultPort = 6_379

    /// Reads one of the forms that `--redis` takes.
    init(_ text: String) throws(AddressError) {
        if text == "embedded" {
            self = .embedded
            return
        }
        guard let separator = text.range(of: "://") else {
            throw AddressError("expected embedded, redis://, rediss:// or redis+unix://")
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
        case "redis-sentinel", "rediss-sentinel":
            throw AddressError("Sentinel addresses come with a later release", isUnsupported: true)
        case "redis-cluster", "rediss-cluster":
            throw AddressError("Cluster addresses come with a later release", isUnsupported: true)
        default:
            throw AddressError("expected embedded, redis://, rediss:// or redis+unix://")
        }
    }

    private static func tcp(_ rest: Substring, tls: Bool) throws(AddressError) -> RedisAddress {
        var text = rest
        if let slash = text.lastIndex(of: "/") {
            let database = text[text.index(after: slash)...]
            guard database.isEmpty || database == "0" else {
                throw AddressError("only database 0 is used; leave \"/\(database)\" out")
            }
            text = text[..<slash]
        }
        let authority = try Authority(text, passwordVariable: "HOLDFAST_REDIS_PASSWORD")
        guard !authority.host.isEmpty else { throw AddressError("the host is missing") }
        return .tcp(
            host: authority.host, port: authority.port ?? defaultPort, user: authority.user, tls: tls
        )
    }
}

extension RedisAddress: CustomStringConvertible {
    var description: String {
        switch self {
        case .embedded: return "embedded"
        case .unixSocket(let path): return "redis+unix://\(path)"
        case .tcp(let host, let port, let user, let tls):
            let name = host.contains(":") ? "[\(host)]" : host
            return "\(tls ? "rediss" : "redis")://\(user.map { "\($0)@" } ?? "")\(name):\(port)"
        }
    }
}
