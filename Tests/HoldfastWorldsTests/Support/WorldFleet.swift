import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds
import Logging
import Synchronization

/// Several servers in this process over one in-memory Redis and one store.
final class WorldFleet: Sendable {
    let backend = InMemoryCoordinationBackend()
    let memory = InMemoryStore(deployment: "test")
    /// What every server's store is asked; it fails where the test says so.
    let store: FailingStore
    let faults = Faults()

    private let beatsToLive: Int

    /// Beats and leases outlast a machine that stands still for some seconds, unless a test kills a server.
    init(beatsToLive: Int = 100) async throws {
        self.beatsToLive = beatsToLive
        let faults = faults
        store = FailingStore(memory) { await faults.decide($0) }
        _ = try await memory.migrate(Self.timings)
    }

    private static let timings = DeploymentTimings(leaseMillis: 60_000, renewMillis: 500, beatMillis: 100)

    /// A server that runs until it is drained.
    ///
    /// Nothing is saved on schedule, so that each test says when.
    func server(
        _ id: String, terrain: (any TerrainGenerator)? = FlatTerrain(),
        configure: (inout CollectionOptions<World>) throws(ProfileError) -> Void = { _ in }
    ) async throws -> WorldServer {
        var configuration = CoordinatorConfiguration(serverID: id)
        configuration.timings = Self.timings
        configuration.beatsToLive = beatsToLive
        configuration.autosave = .seconds(3_600)
        configuration.openTimeout = .seconds(60)
        configuration.saveTimeout = .seconds(60)
        configuration.drainTimeout = .seconds(60)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let coordinator = try Coordinator(
            configuration: configuration, backend: InMemoryCoordinationBackend(sharing: backend), store: store,
            logger: logger)
        let worlds = try WorldStore(
            coordinator, terrain: terrain,
            configure: { options throws(ProfileError) in
                try options.handle(PlaceBlock.self)
                try configure(&options)
            })
        let players = try coordinator.collection(
            "players", of: Purse.self, options: CollectionOptions { _ in Purse() })
        let task = Task { try await coordinator.run() }
        try await coordinator.waitUntilReady(timeout: .seconds(60))
        return WorldServer(coordinator: coordinator, worlds: worlds, players: players, task: task)
    }

    /// The names of the chunks that the store has of a world.
    func storedChunks(of id: WorldID) async throws -> [String] {
        try await memory.parts(
            of: RecordID(collection: CollectionName(WorldStore.collectionName), key: id.key), startingWith: [],
            after: nil, limit: 1_000
        ).map { $0.name.description }
    }
}

struct WorldServer: Sendable {
    let coordinator: Coordinator
    let worlds: WorldStore
    let players: ProfileCollection<Purse>
    let task: Task<Void, any Error>

    /// Saves and releases everything, then ends.
    func drain() async throws {
        coordinator.requestDrain()
        try await task.value
    }

    /// As a killed process: nothing is saved or released, the beat just stops.
    func crash() async {
        task.cancel()
        _ = await task.result
    }
}

/// A profile that owns items.
struct Purse: Codable, Sendable, Equatable {
    var items: [String: Int64] = [:]
}

/// What somebody far away does to a world.
struct PlaceBlock: ProfileOperation {
    static let name = "place.block"
    var block: UInt16
    var x: Int32
    var y: Int32
    var z: Int32

    func apply(to world: inout World) throws {
        try world.setBlock(block, at: BlockPosition(x: x, y: y, z: z))
    }
}

/// One layer of stone on bedrock, as high as the seed says.
struct FlatTerrain: TerrainGenerator {
    func chunk(at position: ChunkPosition, seed: Int64) -> Chunk? {
        // Beyond the border there is nothing.
        guard abs(position.x) < 100 else { return nil }
        let layers = 2 + Int(seed.magnitude % 3)
        let blocks = (0..<layers * Chunk.layerSize).map { $0 < Chunk.layerSize ? UInt16(7) : 1 }
        return try? Chunk(blocks: blocks)
    }
}

/// What goes wrong with the next commits, and what they carried.
final class Faults: Sendable {
    private struct State {
        var queue: [FailingStore.Fault] = []
        var commits: [CommitRequest] = []
        var gate: Gate?
        var refusesParts = false
    }
    private let state = Mutex(State())

    /// All commits so far that wrote content, refused and failed ones, too.
    var commits: [CommitRequest] { state.withLock { $0.commits } }

    /// Lets the next commits fail, one each.
    func inject(_ faults: FailingStore.Fault...) {
        state.withLock { $0.queue += faults }
    }

    /// Holds commits up until the gate opens.
    func hold(_ gate: Gate) {
        state.withLock { $0.gate = gate }
    }

    /// Answers as a store of an older layout, which has no parts.
    func refuseParts() {
        state.withLock { $0.refusesParts = true }
    }

    func decide(_ call: FailingStore.Call) async -> FailingStore.Fault {
        if case .parts = call.kind, state.withLock({ $0.refusesParts }) {
            return .before(StoreError(.wrongDeployment, "the store has layout 2 and this call needs layout 3"))
        }
        guard case .execute(let group) = call.kind else { return .none }
        let commits = group.compactMap { request -> CommitRequest? in
            guard case .commit(let commit) = request else { return nil }
            return commit.writes.contains { if case .content = $0.change { true } else { false } } ? commit : nil
        }
        guard !commits.isEmpty else { return .none }
        let (fault, gate) = state.withLock { state in
            state.commits += commits
            defer { state.gate = nil }
            return (state.queue.isEmpty ? .none : state.queue.removeFirst(), state.gate)
        }
        await gate?.pass()
        return fault
    }
}

/// Holds up whoever comes until it is opened, and tells that somebody has come.
final class Gate: Sendable {
    private let arrived = AsyncStream.makeStream(of: Void.self)
    private let opened = AsyncStream.makeStream(of: Void.self)

    func pass() async {
        arrived.continuation.yield()
        for await _ in opened.stream { break }
    }

    func waitForArrival() async {
        for await _ in arrived.stream { break }
    }

    func open() {
        opened.continuation.finish()
    }
}

extension WorldFleet {
    /// Writes a part into a world that nobody has open, as a defect of another build would.
    func plant(_ part: PartWrite, into id: WorldID) async throws {
        try await rewrite(id, parts: [part]) { _ in }
    }

    /// Writes a world that nobody has open as another build would.
    func rewrite(_ id: WorldID, parts: [PartWrite] = [], _ change: (inout Content) throws -> Void) async throws {
        let record = RecordID(collection: try CollectionName(WorldStore.collectionName), key: id.key)
        guard let row = try await memory.read(record), var content = row.content else { return }
        try change(&content)
        let owner = Owner(nonce: .random(), server: "planter", boot: .random())
        _ = try await memory.execute([.seal(SealRequest(id: record, token: row.fence + 1, owner: owner))])
        let write = RecordWrite(
            id: record, fence: row.fence + 1, nonce: owner.nonce, version: row.version, saveID: .random(),
            change: .content(content), releases: true, parts: parts)
        let replies = try await memory.execute([.commit(CommitRequest(writes: [write]))])
        guard replies == [.commit(.committed)] else { throw StoreError(.internalError, "the part was refused") }
    }
}
