import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Logging
import Synchronization

/// A document like a game's.
struct Player: Codable, Sendable, Equatable {
    var coins = 0
    var inventory: [String] = []
    var rewards = 0
}

struct GrantCoins: ProfileOperation {
    static let name = "grant.coins"
    var coins: Int
    struct Refused: Error {}

    func apply(to player: inout Player) throws {
        guard coins >= 0 else { throw Refused() }
        player.coins += coins
        player.rewards += 1
    }
}

/// Several servers in this process over one in-memory Redis and one store.
///
/// They beat and renew often, but beats and leases outlast a machine that stands still for some seconds.
final class Fleet: Sendable {
    let backend: InMemoryCoordinationBackend
    let store: any DurableStore
    let timings: DeploymentTimings
    let beatsToLive: Int
    let journal = Journal()

    init(
        store: any DurableStore = InMemoryStore(deployment: "test"),
        timings: DeploymentTimings = DeploymentTimings(leaseMillis: 60_000, renewMillis: 150, beatMillis: 40),
        beatsToLive: Int = 150, migrates: Bool = true
    ) async throws {
        self.store = store
        self.timings = timings
        self.beatsToLive = beatsToLive
        backend = InMemoryCoordinationBackend()
        if migrates { _ = try await store.migrate(timings) }
    }

    /// A server that runs until it is stopped or the fleet's scope ends.
    func server(
        _ id: String, store: (any DurableStore)? = nil, backend: InMemoryCoordinationBackend? = nil,
        change: (inout CoordinatorConfiguration) -> Void = { _ in }
    ) async throws -> Server {
        var configuration = CoordinatorConfiguration(serverID: id)
        configuration.timings = timings
        configuration.beatsToLive = beatsToLive
        configuration.autosave = .milliseconds(200)
        configuration.openTimeout = .seconds(60)
        configuration.saveTimeout = .seconds(60)
        configuration.drainTimeout = .seconds(60)
        configuration.observer = journal
        change(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let coordinator = try Coordinator(
            configuration: configuration, backend: backend ?? InMemoryCoordinationBackend(sharing: self.backend),
            store: store ?? self.store, logger: logger
        )
        var options = CollectionOptions<Player> { _ in Player() }
        // Ten attempts within a second.
        let policy = OperationPolicy(firstPause: .milliseconds(5), longestPause: .milliseconds(50))
        try options.handle(GrantCoins.self, policy: policy)
        let players = try coordinator.collection("players", of: Player.self, options: options)
        let task = Task { try await coordinator.run() }
        try await coordinator.waitUntilReady()
        return Server(coordinator: coordinator, players: players, task: task)
    }

    /// Leaves a player's document to the store alone.
    func dropHotCopy(of key: Key) async throws {
        _ = try await backend.unlock(RecordID(collection: try CollectionName("players"), key: key), token: 0)
    }
}

struct Server: Sendable {
    let coordinator: Coordinator
    let players: ProfileCollection<Player>
    let task: Task<Void, any Error>

    /// Drains and waits for the end.
    func drain() async throws {
        coordinator.requestDrain()
        try await task.value
    }

    /// As a crash: nothing is saved or released, the beat just stops.
    func crash() async {
        task.cancel()
        _ = await task.result
    }
}

/// Notes what happened.
final class Journal: SessionObserver {
    struct Entry: Sendable {
        var saved: [(id: RecordID, receipt: SaveReceipt, applied: [OperationID])] = []
        var refused: [RecordID] = []
        var ended: [(id: RecordID, end: SessionEnd)] = []
        var ambiguous = 0
    }
    private let entries = Mutex(Entry())
    var entry: Entry { entries.withLock { $0 } }

    func saved(_ id: RecordID, receipt: SaveReceipt, document: [UInt8], applied: [OperationID]) {
        entries.withLock { $0.saved.append((id, receipt, applied)) }
    }
    func refused(_ id: RecordID, version: Int64, fence: Int64, nonce: RandomID, found: RowState?) {
        entries.withLock { $0.refused.append(id) }
    }
    func ended(_ id: RecordID, fence: Int64, nonce: RandomID, end: SessionEnd) {
        entries.withLock { $0.ended.append((id, end)) }
    }
    func ambiguous(_ id: RecordID) {
        entries.withLock { $0.ambiguous += 1 }
    }
}

/// Waits for a condition; false when it has not come true in time.
func eventually(within limit: Duration = .seconds(60), _ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}

/// Repeats what ran into a short deadline, as it does where the machine stands still for longer than that.
func untilInTime<Result>(_ body: () async throws -> Result) async throws -> Result {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
        do {
            return try await body()
        } catch let error as ProfileError where error.isRetriable && ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// The code of what a call throws; nil where it throws nothing, or something else.
func code(_ body: () async throws -> Void) async -> ProfileError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? ProfileError)?.code
    }
}
