/// Where Redis is, who we are, and how long and how much to wait for.
public struct RedisConfiguration: Sendable {
    /// The place a Redis server listens at.
    public enum Address: Sendable, Equatable {
        /// A Unix socket; the path may have at most 107 bytes.
        case unix(path: String)
        /// A host name or IP address, and a port.
        case tcp(host: String, port: Int)
    }

    /// The server.
    public var address: Address
    /// ACL user; nil for the default user.
    ///
    /// Used only together with ``password``.
    public var username: String?
    /// Password; nil sends no AUTH.
    public var password: String?
    /// TLS files; nil speaks plain text.
    ///
    /// Only for TCP.
    public var tls: RedisTLS?
    /// The name connections carry in CLIENT LIST, without spaces; the lane is appended.
    public var clientName = "holdfast"
    /// Limit for connecting, TLS and log-in together.
    public var connectTimeout: Duration = .seconds(3)
    /// Limit of a command that states none of its own, counted from the call.
    public var commandTimeout: Duration = .seconds(5)
    /// Commands of one lane that are queued or await their reply.
    ///
    /// Further callers wait.
    public var maximumInFlight = 1024
    /// Encoded bytes of one lane that are queued but not written.
    ///
    /// Further callers wait.
    public var maximumQueuedBytes = 8 * 1024 * 1024
    /// Longest wait before the first attempt to reconnect; doubles with each attempt.
    ///
    /// Waits are drawn at random between zero and the current bound.
    public var minimumBackoff: Duration = .milliseconds(10)
    /// Upper bound of the wait between attempts to reconnect.
    public var maximumBackoff: Duration = .seconds(2)

    /// Describes a server with the documented defaults.
    public init(address: Address) {
        self.address = address
    }
}

extension RedisConfiguration.Address: CustomStringConvertible {
    /// The path, or `host:port`.
    public var description: String {
        switch self {
        case .unix(let path): path
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
