public import HoldfastRedis
import HoldfastScripts
public import HoldfastStorage
public import Logging
public import ServiceLifecycle
import Synchronization

/// What the servers of a deployment share besides profiles: maps, queues, leaderboards and messages.
///
/// Make one per process and run it as a service beside the coordinator. Structures are named; two servers that use
/// the same name use the same structure. The first line of every call says whether its acknowledgement is durable
/// (the store has it) or fast (Redis has it).
///
/// The Redis client is run by whoever made it, usually by the coordinator's backend.
public final class MemoryStore: Service, Sendable {
    /// What every structure works with.
    struct Context: Sendable {
        let redis: RedisClient
        let keys: KeySpace
        let durable: Durable?
        let logger: Logger
        /// Limit of one request to Redis.
        let timeout: Duration
        /// Changes scripts on their way to Redis: how tests put a clock of their own in place of Redis'.
        var rewrite: (@Sendable (Script, [RedisArgument]) -> (Script, [RedisArgument]))?
        /// The time of day, in milliseconds since 1970.
        var wallClock: @Sendable () -> Int64 = { WallClock.milliseconds() }
        /// How long durable boards wait for Redis.
        var boardWaits = BoardWaits()
    }

    /// The durable side.
    struct Durable: Sendable {
        let store: any DurableStore
        let committer: GroupCommitter
        /// Limit of one request from the call to the commit's answer.
        let timeout: Duration
    }

    let context: Context
    /// Pages of boards that this process has read a moment ago.
    let boardPages = BoardPages()
    let announcementHub: AnnouncementHub
    let inboxes = WeakRegistry<InboxQueue>()
    let queueHub: QueueHub
    /// Boards that the store feeds; nil without a store.
    let durableBoards: DurableBoards?
    private let ownsCommitter: Bool
    private let loops = Mutex<[@Sendable () async -> Void]>([])
    private let started = Mutex(false)

    /// Joins the two sides.
    ///
    /// - Parameters:
    ///   - redis: A client that somebody runs.
    ///   - deployment: The deployment's name, as in the store.
    ///   - store: The durable side; without one, durable calls throw `needsStore`.
    ///   - committer: Commits together with others of this process, the coordinator's for example; by default one of
    ///     its own, which ``run()`` runs.
    ///   - timeout: Limit of every request that states none of its own.
    ///   - logger: Tells of what happens behind the caller's back.
    public convenience init(
        redis: RedisClient, deployment: String, store: (any DurableStore)? = nil, committer: GroupCommitter? = nil,
        timeout: Duration = .seconds(5), logger: Logger = Logger(label: "holdfast.memory")
    ) {
        self.init(
            redis: redis, deployment: deployment, store: store, committer: committer, timeout: timeout, logger: logger,
            boardWaits: BoardWaits())
    }

    /// The same with other waits of durable boards.
    package convenience init(
        redis: RedisClient, deployment: String, store: (any DurableStore)?, committer: GroupCommitter? = nil,
        timeout: Duration, logger: Logger, boardWaits: BoardWaits
    ) {
        let durable = store.map { store in
            Durable(
                store: store, committer: committer ?? GroupCommitter(store: store, logger: logger), timeout: timeout)
        }
        var context = Context(
            redis: redis, keys: KeySpace(deployment: deployment), durable: durable, logger: logger, timeout: timeout)
        context.boardWaits = boardWaits
        self.init(context, ownsCommitter: committer == nil)
    }

    init(_ context: Context, ownsCommitter: Bool) {
        self.context = context
        self.ownsCommitter = ownsCommitter
        announcementHub = AnnouncementHub(context)
        queueHub = QueueHub(context)
        let pages = boardPages
        durableBoards = context.durable.map { DurableBoards(context, $0, pages: pages) }
        addLoop { [announcementHub] in await announcementHub.run() }
        addLoop { [queueHub] in await queueHub.run() }
        if let durableBoards { addLoop { await durableBoards.run() } }
    }

    /// Keeps what runs behind the structures (projection to Redis, hints, duties) until a graceful shutdown begins or
    /// the task is cancelled.
    ///
    /// - Throws: ``MemoryStoreError`` with code `closed` when it was called before.
    public func run() async throws {
        let isFirst = started.withLock { started in
            defer { started = true }
            return !started
        }
        guard isFirst else { throw MemoryStoreError(.closed, "a memory store runs once only") }
        let loops = loops.withLock { $0 }
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                if self.ownsCommitter, let committer = self.context.durable?.committer {
                    group.addTask { await committer.run() }
                }
                for loop in loops { group.addTask { await loop() } }
            }
        }
    }

    /// Adds something that runs as long as ``run()`` does; it must end when its task is cancelled.
    func addLoop(_ loop: @escaping @Sendable () async -> Void) {
        loops.withLock { $0.append(loop) }
    }
}

extension MemoryStore.Context {
    /// The durable side.
    ///
    /// - Throws: ``MemoryStoreError`` with code `needsStore`.
    func requireDurable() throws(MemoryStoreError) -> MemoryStore.Durable {
        guard let durable else {
            throw MemoryStoreError(.needsStore, "this memory store was made without a durable store")
        }
        return durable
    }

    /// Runs a script over the keys of one structure, within ``timeout`` unless another limit is given.
    func evaluate(
        _ script: Script, keys: [[UInt8]], _ arguments: [RedisArgument], lane: RedisLane = .session,
        within limit: Duration? = nil
    ) async throws(MemoryStoreError) -> RedisValue {
        let (script, arguments) = rewrite?(script, arguments) ?? (script, arguments)
        do {
            return try await redis.evaluate(
                script, keys: keys, arguments: arguments, lane: lane, timeout: limit ?? timeout)
        } catch {
            throw MemoryStoreError(error)
        }
    }
}
