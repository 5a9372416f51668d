import HoldfastRedis

extension Settings {
    /// How Redis is reached; `embedded` is the share in the private one, where that is used.
    func redisConfiguration(embedded: EmbeddedRedis?) -> RedisConfiguration {
        let (topology, user, isEncrypted) = place(embedded)
        var configuration = RedisConfiguration(topology: topology)
        configuration.username = user
        configuration.password = redisPassword
        configuration.commandTimeout = min(.seconds(5), timeout / 2)
        configuration.connectTimeout = min(.seconds(3), timeout / 2)
        if isEncrypted {
            configuration.tls = RedisTLS(
                authorityFile: certificates.authority, certificateFile: certificates.certificate,
                keyFile: certificates.key)
        }
        return configuration
    }

    /// How each of the Sentinels is reached.
    var sentinelConfigurations: [RedisConfiguration] {
        guard case .sentinel(let hosts, _, _, _) = redis else { return [] }
        return hosts.map { host in
            var configuration = redisConfiguration(embedded: nil)
            configuration.topology = .standalone(host.address)
            configuration.username = nil
            configuration.password = sentinelPassword
            return configuration
        }
    }

    private func place(
        _ embedded: EmbeddedRedis?
    ) -> (topology: RedisConfiguration.Topology, user: String?, isEncrypted: Bool) {
        switch redis {
        case .tcp(let host, let port, let user, let tls): (.standalone(.tcp(host: host, port: port)), user, tls)
        case .unixSocket(let path): (.standalone(.unix(path: path)), nil, false)
        case .embedded: (.standalone(.unix(path: embedded?.socketPath ?? "")), nil, false)
        case .sentinel(let hosts, let name, let user, let tls):
            (
                .sentinel(
                    .init(addresses: hosts.map(\.address), serviceName: name, password: sentinelPassword)), user, tls
            )
        case .cluster(let hosts, let user, let tls): (.cluster(seeds: hosts.map(\.address)), user, tls)
        }
    }
}

extension RedisAddress.Host {
    var address: RedisConfiguration.Address { .tcp(host: name, port: port) }
}
