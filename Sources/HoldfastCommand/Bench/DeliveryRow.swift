import Foundation
import HoldfastCoordination
import HoldfastPrivateServers
import HoldfastProfiles
import HoldfastSQLite
import HoldfastStorage
import Synchronization

/// The store's commits from the delivery of an operation on one server until a player who is online on another has its
/// effect, durably.
struct DeliveryRow: Sendable {
    /// How many commits it may take.
    private static let limit = 3.0
    private static let timings = DeploymentTimings(leaseMillis: 600_000, renewMillis: 200_000, beatMillis: 1_000)

    struct Reward: ProfileOperation {
        static let name = "reward"
        func apply(to document: inout BenchDocument) { document.coins += 1 }
    }

    /// Two servers over one store, counted by what goes through it.
    func run(_ context: BenchContext) async throws -> BenchRow {
        let folder = try TemporaryFolder()
        let file = try SQLiteStore(path: folder.file("holdfast.sqlite"), deployment: "bench")
        _ = try await file.migrate(Self.timings)
        let commits = Atomic(0)
        let store = FailingStore(file) { call in
            if call.isGroup { commits.wrappingAdd(1, ordering: .relaxed) }
            return .none
        }
        let shared = InMemoryCoordinationBackend()
        let (home, homePlayers) = try server("home", store, shared, context)
        let (shop, shopPlayers) = try server("shop", store, shared, context)
        let pairs = try await withRunning(home) {
            try await withRunning(shop) {
                let session = try await homePlayers.open(Key(42))
                var pairs: [BenchPair] = []
                for number in 1...BenchPair.count {
                    let before = commits.load(ordering: .relaxed)
                    _ = try await shopPlayers.deliver(Reward(), to: Key(42), id: "reward-\(number)")
                    let receipt = try await shopPlayers.result(
                        of: "reward-\(number)", key: Key(42), timeout: .seconds(60))
                    guard receipt.state == .applied, session.document.coins == number else {
                        throw BenchError("an operation did not take effect")
                    }
                    let count = commits.load(ordering: .relaxed) - before
                    pairs.append(BenchPair(ours: Double(count), ceiling: Self.limit))
                    context.finishedPair()
                }
                try await session.close()
                return pairs
            }
        }
        await file.close()
        return BenchRow(
            name: BenchName.operationCommits.rawValue, unit: "commits",
            ceilingCommand: "a fixed limit; ours counts every transaction of both servers until the receipt is durable",
            pairs: pairs)
    }

    private func server(
        _ id: String, _ store: any DurableStore, _ shared: InMemoryCoordinationBackend, _ context: BenchContext
    ) throws -> (Coordinator, ProfileCollection<BenchDocument>) {
        var configuration = CoordinatorConfiguration(serverID: id)
        configuration.timings = Self.timings
        configuration.autosave = .seconds(3_600)
        let coordinator = try Coordinator(
            configuration: configuration, backend: InMemoryCoordinationBackend(sharing: shared), store: store,
            logger: context.logger)
        var options = CollectionOptions<BenchDocument> { BenchDocument(name: $0.description, texts: 1) }
        try options.handle(Reward.self)
        return (coordinator, try coordinator.collection("bench", of: BenchDocument.self, options: options))
    }
}
