import TestServers

/// Clusters without replicas for the tests of one suite, which run one after the other and leave all nodes running.
///
/// Redis takes two seconds to make one, whatever its size. Each is started by the first test that asks, and ends with
/// the process.
enum SharedCluster {
    private static let one = Task { try await PrivateCluster.start(masters: 1, replicas: false) }
    private static let two = Task { try await PrivateCluster.start(masters: 2, replicas: false) }
    private static let three = Task { try await PrivateCluster.start(masters: 3, replicas: false) }

    /// The cluster of one, two or three masters, without keys and with counters at zero; a few slots may have moved.
    static func masters(_ count: Int) async throws -> PrivateCluster {
        let cluster =
            switch count {
            case 1: try await one.value
            case 2: try await two.value
            default: try await three.value
            }
        for node in cluster.nodes { try node.commands(["FLUSHALL", "CONFIG RESETSTAT"]) }
        return cluster
    }
}
