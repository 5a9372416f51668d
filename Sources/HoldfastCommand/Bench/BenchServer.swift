import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Logging

/// One game server's coordinator over a real store, with coordination in memory.
enum BenchServer {
    /// Runs it beside `body`, which gets a collection of documents of `texts` KB; then saves and releases all.
    ///
    /// - Parameters:
    ///   - autosave: By default so long that nothing is saved on schedule.
    ///   - beatMillis: How often it counts its sessions and tells of them.
    static func with<Result: Sendable>(
        store: any DurableStore, texts: Int, autosave: Duration = .seconds(3_600), beatMillis: Int64 = 1_000,
        observer: (any SessionObserver)? = nil, logger: Logger,
        _ body: @escaping @Sendable (ProfileCollection<BenchDocument>) async throws -> Result
    ) async throws -> Result {
        let timings = DeploymentTimings(leaseMillis: 600_000, renewMillis: 200_000, beatMillis: beatMillis)
        _ = try await store.migrate(timings)
        var configuration = CoordinatorConfiguration(serverID: "bench")
        configuration.timings = timings
        configuration.autosave = autosave
        configuration.observer = observer
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
