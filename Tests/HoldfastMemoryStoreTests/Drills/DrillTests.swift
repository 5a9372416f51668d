import HoldfastRedis
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite("Structures while servers move, die and freeze", .serialized, .timeLimit(.minutes(10)))
struct DrillTests {
    private static let deployment = "drill"

    /// Runs two memory stores over one durable store, as two servers have them.
    private func withFleet(
        _ configuration: RedisConfiguration, timeout: Duration = .seconds(5),
        _ body: @escaping @Sendable ([MemoryStore]) async throws -> Void
    ) async throws {
        let store = try await inMemoryStore(Self.deployment)
        try await withMemoryStore(
            configuration, deployment: Self.deployment, store: store, timeout: timeout
        ) { first in
            try await first.context.redis.waitUntilConnected()
            try await withMemoryStore(
                configuration, deployment: Self.deployment, store: store, timeout: timeout
            ) { second in
                try await second.context.redis.waitUntilConnected()
                try await body([first, second])
            }
        }
    }

    /// One of each structure, all of whose keys are on the server that `isThere` accepts.
    private func loads(
        _ fleet: [MemoryStore], where isThere: ([UInt8]) -> Bool = { _ in true }
    ) async throws -> [any DrillLoad] {
        func name(_ area: String) throws -> String {
            let names = (0..<1_000).map { "d\($0)" }
            return try #require(names.first { isThere(fleet[0].context.keys.keys(area, $0)["x"]) })
        }
        var boards: [Board] = []
        for number in 0..<1_000 {
            let board = try await fleet[0].createBoard("b\(number)", BoardSettings(rules: .drill(shards: 1)))
            let key = try #require(try await board.source.index().shards.first?.allKeys.first)
            guard isThere(key) else { continue }
            boards = [board, try await fleet[1].board(board.name)]
            break
        }
        let queues = (0..<1_000).map { "q\($0)" }.filter { isThere(fleet[0].context.keys.keys("queue", $0)["x"]) }
        return [
            try CounterLoad.sorted(name("sorted-map"), fleet),
            try QueueLoad(queues[0], durable: true, fleet), try QueueLoad(queues[1], durable: false, fleet),
            BoardLoad(boards[0].name, boards), try await AnnouncementLoad(name("announce"), fleet),
            try InboxLoad(name("inbox"), fleet), try TicketLoad(name("tickets"), fleet),
        ]
    }

    /// What lies on all servers at once.
    private func spreadLoads(_ fleet: [MemoryStore]) async throws -> [any DrillLoad] {
        let first = try await fleet[0].createBoard("sharded", BoardSettings(rules: .drill(shards: 8)))
        return [
            try CounterLoad.hashed("spread", fleet),
            BoardLoad("sharded", [first, try await fleet[1].board("sharded")]),
        ]
    }

    /// Names the loads that a failure of the servers concerns, and tells how soon they worked again.
    private func report(_ what: String, _ elected: Duration, _ times: [(name: String, time: Duration)], _ drill: Drill)
    {
        let slowest = times.max { $0.time < $1.time }
        print(
            "\(what): elected after \(elected), all work again \(slowest?.time ?? .zero) later, the last one was "
                + "\(slowest?.name ?? "none"); callers saw \(drill.errors)")
    }

    @Test("slots that move under load: nothing is lost or doubled, and no caller sees an error")
    func resharding() async throws {
        let cluster = try await PrivateCluster.start(replicas: false)
        var configuration = cluster.configuration
        configuration.commandTimeout = .seconds(30)
        try await withFleet(configuration, timeout: .seconds(30)) { fleet in
            let loads = try await self.loads(fleet) + self.spreadLoads(fleet)
            let drill = Drill(loads)
            try await drill.run(tasks: 2, mayLose: false) {
                for round in 0..<2 {
                    for (index, source) in cluster.nodes.enumerated() {
                        let target = cluster.nodes[(index + 1 + round) % 3]
                        let keys = try source.command("KEYS", "*").split(separator: "\n")
                        let slots = Set(
                            try source.commands(keys.map { "CLUSTER KEYSLOT \($0)" }).compactMap { Int($0) })
                        try await cluster.move(Array(slots.sorted().prefix(5)), from: source, to: target)
                    }
                    try await drill.more(2)
                }
            }
            #expect(drill.errors.isEmpty)
        }
    }

    @Test("a master is killed and another one freezes under load: no acknowledged durable thing is lost or doubled")
    func failover() async throws {
        let cluster = try await PrivateCluster.start()
        try await withFleet(cluster.configuration) { fleet in
            func isOn(_ node: RedisProcess) -> ([UInt8]) -> Bool {
                let address = RedisConfiguration.Address.tcp(host: "127.0.0.1", port: node.port)
                return { fleet[0].context.redis.node(for: $0)?.address == address }
            }
            let onFirst = try await self.loads(fleet, where: isOn(cluster.nodes[0]))
            let onSecond = try await self.loads(fleet, where: isOn(cluster.nodes[1]))
            let drill = Drill(try await onFirst + onSecond + self.spreadLoads(fleet))
            try await drill.run(tasks: 2, mayLose: true) {
                for (index, loads) in [onFirst, onSecond].enumerated() {
                    let (victim, witness) = (cluster.nodes[index], cluster.nodes[2])
                    try await drill.more(3)
                    if index == 0 { victim.kill() } else { victim.pause() }
                    let struck = ContinuousClock.now
                    try await eventually("the replica is elected") {
                        try cluster.owner(of: index * 5_500 + 100, asSeenBy: witness) === cluster.nodes[index + 3]
                    }
                    let elected = ContinuousClock.now - struck
                    let times = try await drill.recover(loads.map(\.name))
                    self.report(index == 0 ? "killed master" : "frozen master", elected, times, drill)
                    if index == 0 { try await victim.restart() } else { victim.resume() }
                    try await eventually("it is a replica") {
                        try victim.command("ROLE").hasPrefix("slave")
                    }
                }
                try await drill.more(3)
            }
        }
    }

    @Test("a master that Sentinels watch is killed under load: no acknowledged durable thing is lost or doubled")
    func sentinel() async throws {
        let group = try await PrivateSentinel.start()
        let configuration = RedisConfiguration(
            topology: .sentinel(
                .init(
                    addresses: group.sentinels.map { .tcp(host: "127.0.0.1", port: $0.port) },
                    serviceName: PrivateSentinel.serviceName)))
        try await withFleet(configuration) { fleet in
            let loads = try await self.loads(fleet) + self.spreadLoads(fleet)
            let drill = Drill(loads)
            try await drill.run(tasks: 2, mayLose: true) {
                try await drill.more(3)
                group.servers[0].kill()
                let struck = ContinuousClock.now
                try await eventually("another master is elected") {
                    try group.master().map { $0 !== group.servers[0] } ?? false
                }
                let elected = ContinuousClock.now - struck
                let times = try await drill.recover(loads.map(\.name))
                self.report("killed master under Sentinel", elected, times, drill)
                try await drill.more(3)
            }
        }
    }
}

extension PrivateCluster {
    /// Settings for a client that knows all nodes.
    fileprivate var configuration: RedisConfiguration {
        RedisConfiguration(topology: .cluster(seeds: nodes.map { .tcp(host: "127.0.0.1", port: $0.port) }))
    }
}

extension BoardRules {
    /// Points that add up, so that what counts twice can be seen.
    fileprivate static func drill(shards: Int) -> BoardRules {
        BoardRules(scoreOperator: .increment, shards: shards)
    }
}
