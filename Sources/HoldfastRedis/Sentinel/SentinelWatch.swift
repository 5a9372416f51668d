import NIOCore
import Synchronization

/// Listens to the Sentinels for failovers.
///
/// What it hears is a hint that hurries things: a failover that it misses is found when the old master ends its
/// connections, refuses writes or stays silent.
final class SentinelWatch: Sendable {
    /// Sentinels tell each other within two seconds.
    private static let checks = 20
    private static let pause = Duration.milliseconds(150)

    private let name: String
    private let topology: SentinelTopology
    private let lanes: LaneSet
    private let hub: SubscriptionHub
    /// The client's own subscriptions.
    private let subscriptions: SubscriptionHub

    /// Watches over lanes and subscriptions that lead to the master of this name.
    init(
        name: String, topology: SentinelTopology, lanes: LaneSet, subscriptions: SubscriptionHub, hub: SubscriptionHub
    ) {
        self.name = name
        self.topology = topology
        self.lanes = lanes
        self.subscriptions = subscriptions
        self.hub = hub
    }

    /// Listens until the task is cancelled or the hub is shut down.
    func run() async {
        let switches = hub.subscribe("+switch-master")
        for await event in switches {
            switch event {
            case .message(let bytes):
                // <name> <old host> <old port> <new host> <new port>
                let words = String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
                guard words.count == 5, words[0] == name, let port = Int(words[4]) else { continue }
                await follow(to: .tcp(host: words[3], port: port))
            case .reconnected, .overflow:
                _ = await check()
            }
        }
    }

    /// Waits until most Sentinels have heard of the switch too: new connections follow the majority.
    private func follow(to master: RedisConfiguration.Address) async {
        for _ in 0..<Self.checks where await check() != master {
            do { try await Task.sleep(for: Self.pause) } catch { return }
        }
    }

    /// The client runs now.
    func begin() {
        for connection in topology.connections { connection.connecting() }
    }

    /// Ends the subscription and the connections to the Sentinels.
    func shutDown() {
        hub.shutDown()
        for connection in topology.connections { connection.shutDown() }
    }

    /// Leaves every connection that leads elsewhere than where the Sentinels say, and returns where that is.
    private func check() async -> RedisConfiguration.Address? {
        guard let master = try? await topology.address(failures: 0) else { return nil }
        let reason = RedisError(.unavailable, "Sentinel has made \(master) the master")
        for lane in lanes.all where lane.server.map({ $0.address != master }) ?? false { lane.leave(reason) }
        subscriptions.leave(unlessAt: [master])
        return master
    }
}

/// The Sentinel to listen to: any, and another one after a failure.
struct AnySentinel: Topology {
    private let addresses: [RedisConfiguration.Address]

    /// Mixes the addresses, so that a fleet spreads.
    init(_ addresses: [RedisConfiguration.Address]) {
        self.addresses = addresses.shuffled()
    }

    func address(failures: Int) async throws(RedisError) -> RedisConfiguration.Address {
        addresses[failures % addresses.count]
    }
}
