import Holdfast

/// The programs of "Servers and matchmaking" and "Topologies", to be compiled.
enum ServersArticle {
    struct NoServer: Error {}

    struct Sale: Sendable {
        func renewIfDue() async throws {}
    }

    static func servers(_ coordinator: Coordinator, _ sale: Sale) async throws {
        try coordinator.setStatus(
            ServerStatus(players: 12, capacity: 16, map: "harbour", mode: "ranked", custom: ["region": "eu"]))

        var query = ServerQuery(room: 4)
        query.conditions = [.init("mode", equals: "ranked"), .init("custom.region", equals: "eu")]
        query.order = .leastRoom
        query.limit = 3
        let servers = try await coordinator.servers(matching: query)

        try coordinator.addDuty(name: "weekly-sale", every: .seconds(3_600)) { try await sale.renewIfDue() }
        use(servers)
    }

    static func matches(_ coordinator: Coordinator, _ memory: MemoryStore, id: String) async throws {
        let ranked = try memory.tickets("ranked")
        let ticket = Ticket(id: id, players: ["Ada", "Bob"], numbers: ["skill": 1_200], texts: ["region": "eu"])
        try await ranked.add(ticket, expiresAfter: .seconds(120))

        switch try await ranked.wait(for: id, atMost: .seconds(120)) {
        case .matched(let match): print("play with", match.players, "at", match.details ?? .null)
        case .cancelled, .absent: print("start again")
        case .waiting: try await ranked.cancel(id)
        }

        let rules = try MatchRules(
            players: 4...4,
            tolerances: ["skill": .init(50, growingBy: 10, upTo: 400)],
            equalTexts: ["region"])
        let matchmaker = try Matchmaker(ranked, rules: rules) { match in
            guard let server = try await coordinator.servers(matching: ServerQuery(room: match.players.count)).first
            else {
                throw NoServer()
            }
            return ["server": .string(server.id)]
        }
        use(matchmaker)
    }

    static func password(_ password: String) -> RedisConfiguration {
        var configuration = RedisConfiguration(address: .tcp(host: "redis.internal", port: 6379))
        configuration.username = "holdfast"
        configuration.password = password
        return configuration
    }

    static func sentinel(_ password: String, _ sentinelPassword: String) -> RedisConfiguration {
        var configuration = RedisConfiguration(
            topology: .sentinel(
                .init(
                    addresses: [
                        .tcp(host: "s1", port: 26379), .tcp(host: "s2", port: 26379), .tcp(host: "s3", port: 26379),
                    ],
                    serviceName: "main", password: sentinelPassword)))
        configuration.username = "holdfast"
        configuration.password = password
        return configuration
    }

    static func cluster(_ password: String) -> RedisConfiguration {
        var configuration = RedisConfiguration(
            topology: .cluster(seeds: [.tcp(host: "n1", port: 6379), .tcp(host: "n2", port: 6379)]))
        configuration.username = "holdfast"
        configuration.password = password
        return configuration
    }
}
