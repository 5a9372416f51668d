/// Where Redis is, who we are, and how long and how much to wait for.
public struct RedisConfiguration: Sendable {
    /// The place a Redis server listens at.
    public enum Address: Sendable, Hashable {
        /// A Unix socket; the path may have at most 107 bytes.
        case unix(path: String)
        /// A host name or IP address, and a port.
        case tcp(host: String, port: Int)
    }

    /// How the servers of one Redis belong together.
    public enum Topology: Sendable, Equatable {
        /// One server at a fixed address.
        case standalone(Address)
        /// A master that Sentinel watches and replaces.
        case sentinel(Sentinel)
        /// A cluster: any of its nodes, from which the others are learned.
        case cluster(seeds: [Address])
    }

    /// Where the Sentinels are, and which master to ask them for.
    public struct Sentinel: Sendable, Equatable {
        /// Every Sentinel: they are all asked at once.
        public var addresses: [Address]
        /// The name that the Sentinels know the master by.
        public var serviceName: String
        /// ACL user at the Sentinels; nil for the default user.
        ///
        /// Used only together with ``password``.
        public var username: String?
        /// Password of the Sentinels, not of the master; nil sends no AUTH.
        public var password: String?

        /// Names the Sentinels and the master.
        public init(addresses: [Address], serviceName: String, username: String? = nil, password: String? = nil) {
            self.addresses = addresses
            self.serviceName = serviceName
            self.username = username
            self.password = password
        }
    }

    /// Which servers there are.
    public var topology: Topology
    /// ACL user; nil for the default user.
    ///
    /// Used only together with ``password``.
    public var username: String?
    /// Password; nil sends no AUTH.
    public var password: String?
    /// TLS files; nil speaks plain text.
    ///
    /// Only for TCP; used towards every server, Sentinels included.
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

    /// Describes one server with the documented defaults.
    public init(address: Address) {
        self.init(topology: .standalone(address))
    }

    /// Describes a topology with the documented defaults.
    public init(topology: Topology) {
        self.topology = topology
    }
}

extension RedisConfiguration {
    /// The same limits towards a Sentinel, with its own credentials.
    func towards(_ sentinel: Sentinel) -> RedisConfiguration {
        var configuration = self
        configuration.username = sentinel.username
        configuration.password = sentinel.password
        return configuration
    }
}

extension RedisConfiguration.Topology: CustomStringConvertible {
    /// `standalone`, `sentinel` or `cluster`.
    public var description: String {
        switch self {
        case .standalone: "standalone"
        case .sentinel: "sentinel"
        case .cluster: "cluster"
        }
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
