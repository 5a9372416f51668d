import HoldfastStorage

@testable import HoldfastMemoryStore

/// The durable side of one history: a store in memory that goes by the history's clock.
///
/// It commits as long as somebody holds this.
final class ModelStore: Sendable {
    let durable: MemoryStore.Durable
    private let committing: Task<Void, Never>

    init(_ clock: TestClock) async throws {
        let store = InMemoryStore(deployment: "model") { clock.now }
        _ = try await store.migrate(DeploymentTimings())
        let committer = GroupCommitter(store: store)
        durable = MemoryStore.Durable(store: store, committer: committer, timeout: .seconds(30))
        committing = Task { await committer.run() }
    }

    deinit { committing.cancel() }

    /// What structures work with: the Redis of `memory`, with this store and the clock everywhere.
    func context(on memory: MemoryStore, _ clock: TestClock) -> MemoryStore.Context {
        var context = MemoryStore.Context(
            redis: memory.context.redis, keys: memory.context.keys, durable: durable, logger: memory.context.logger,
            timeout: .seconds(30))
        context.rewrite = { clock.rewrite($0, $1) }
        context.wallClock = { clock.now }
        return context
    }
}
