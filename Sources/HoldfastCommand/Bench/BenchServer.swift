import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Logging

/// One game server's coordinator over a real store, with coordination in memory and without autosave.
enum BenchServer {
    /// Runs it beside `body`, which gets a collection of documents of `texts` KB; then saves and releases all.
    static func with<Result: Sendable>(
        store: any DurableStore, texts: Int, logger: Logger,
        _ body: @escaping @Sendable (ProfileCollection<BenchDocument>) async throws -> Result
    ) async throws -> Result {
        let timings = DeploymentTimings(leaseMillis: 600_000, renewMillis: 200_000, beatMillis: 1_000)
        _ = try await store.migrate(timings)
        var configuration = CoordinatorConfiguration(serverID: "bench")
        configuration.timings = timings
        configuration.autosave = .seconds(3_600)
        let coordinator = try Coordinator(
            configuration: configuration, backend: InMemoryCoordinationBackend(), store: store, logger: logger)
        let documents = try coordinator.collection(
            "bench", of: BenchDocument.self,
            options: CollectionOptions(template: { BenchDocument(name: $0.description, texts: texts) }))
        let result = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await coordinator.run() }
            try await coordinator.waitUntilReady()
            let result = try await body(documents)
            coordinator.requestDrain()
            try await group.waitForAll()
            return result
        }
        await store.close()
        return result
    }
}
