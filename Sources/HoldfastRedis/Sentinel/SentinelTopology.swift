import NIOCore

/// Asks every Sentinel where the master is, over a connection of its own to each.
final class SentinelTopology: Topology {
    typealias Address = RedisConfiguration.Address

    /// How long the slowest Sentinel is waited for.
    private static let patience = TimeAmount.milliseconds(500)

    private let name: String
    private let sentinels: [(address: Address, connection: RedisConnection)]

    /// Opens the connections at the first question; `start` is asked for each.
    init(
        _ sentinel: RedisConfiguration.Sentinel, configuration: RedisConfiguration, eventLoop: any EventLoop,
        start: @escaping @Sendable (RedisConnection, Address) -> Void
    ) {
        name = sentinel.serviceName
        sentinels = sentinel.addresses.map { address in
            let connection = RedisConnection(
                name: "sentinel", place: address.description, configuration: configuration, eventLoop: eventLoop
            ) { start($0, address) }
            return (address, connection)
        }
    }

    /// The connections to the Sentinels.
    var connections: [RedisConnection] { sentinels.map(\.connection) }

    /// Asks for the master.
    ///
    /// Whether it is one is seen when it is connected to.
    func address(failures: Int) async throws(RedisError) -> Address {
        let vote = await withTaskGroup(of: SentinelVote.Answer.self) { group in
            for (address, connection) in sentinels {
                group.addTask { await self.answer(of: connection, at: address) }
            }
            var vote = SentinelVote(sentinels: sentinels.count, name: name)
            for await answer in group {
                vote.add(answer)
                // After a failure the minority may be right.
                if failures == 0, vote.isDecided { break }
            }
            group.cancelAll()
            return vote
        }
        return try vote.master(failures: failures)
    }

    private func answer(of connection: RedisConnection, at address: Address) async -> SentinelVote.Answer {
        let command = RedisCommand.plain(["SENTINEL", "get-master-addr-by-name", .string(name)])
        let reply = await connection.send(
            command, length: command.maximumLength, deadline: .now() + Self.patience, timeout: Self.patience)
        switch reply {
        case .success(.null): return .unknownName
        case .success(.error(let error)):
            let error = RedisError(error)
            return .failure(error.code, "\(address): \(error.message)")
        case .success(let value):
            guard let parts = value.array, parts.count == 2, let port = parts[1].integer,
                let master = Address(host: parts[0].string, port: port, askedAt: address)
            else { return .failure(.protocolViolation, "\(address) answers in an unknown form") }
            return .master(master)
        case .failure(let error):
            return .failure(error.code, "\(address): \(error.message)")
        }
    }
}
