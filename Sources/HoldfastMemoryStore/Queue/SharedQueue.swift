import HoldfastRedis
import HoldfastStorage
import Logging
import Synchronization

/// What all handles of one queue in this process share.
final class SharedQueue: Sendable {
    let name: String
    let scripts: QueueScripts
    let limits: QueueLimits
    let room: WaitRoom
    /// Brings durable items to Redis; nil without a store, or for a name that is too long for it.
    let pump: QueuePump?
    /// Names this process in hints.
    let token = RandomID.random()
    private let isRegistered = Atomic(false)
    private let registry: QueueRegistry

    /// - Parameter submit: Runs work beside the memory store as long as that runs.
    init(
        _ context: MemoryStore.Context, name: String, limits: QueueLimits,
        submit: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Void
    ) {
        let listener = Listener()
        let scripts = QueueScripts(context, name: name)
        self.name = name
        self.scripts = scripts
        self.limits = limits
        self.registry = QueueRegistry(context)
        room = WaitRoom { submit { await listener.listen() } }
        pump = context.durable.flatMap { durable in
            QueuePump.logName(name).map { log in
                QueuePump(scripts: scripts, durable: durable, log: log, limits: limits, submit: submit)
            }
        }
        listener.queue.withLock { $0 = Weak(self) }
    }

    /// The store's side.
    ///
    /// - Throws: ``MemoryStoreError``: `needsStore`, or `badInput` for a name too long for the store.
    func requirePump() throws(MemoryStoreError) -> QueuePump {
        _ = try scripts.context.requireDurable()
        guard let pump else {
            throw MemoryStoreError(.badInput, "a queue with durable items has a name of at most 394 bytes")
        }
        return pump
    }

    /// Sees to it that some process looks after this queue, even when this one is gone; needed once.
    func register() async {
        guard !isRegistered.load(ordering: .relaxed) else { return }
        if await registry.add([name]) { isRegistered.store(true, ordering: .relaxed) }
    }

    // MARK: Calls that take more than one script now and then

    /// Adds something; where the queue is full of what is over, after sweeping.
    ///
    /// - Returns: How many items were added.
    /// - Throws: ``MemoryStoreError`` with code `full`, and what `add` throws.
    func makingRoom(
        _ add: () async throws(MemoryStoreError) -> QueueScripts.Addition
    ) async throws(MemoryStoreError) -> Int {
        var hasSwept = false
        while true {
            switch try await add() {
            case .added(let count): return count
            case .full(let items, let bytes, let toSweep):
                guard toSweep > 0, !hasSwept else {
                    throw MemoryStoreError(.full, "the queue holds \(items) items of \(bytes) bytes already")
                }
            case .tooManyPriorities:
                guard !hasSwept else {
                    throw MemoryStoreError(.full, "the queue holds items of 1,000 different priorities already")
                }
            }
            hasSwept = true
            try await sweep()
        }
    }

    private func sweep() async throws(MemoryStoreError) {
        var hasMore = true
        while hasMore, !Task.isCancelled {
            let sweep = try await scripts.sweep()
            QueueMetrics.record(sweep)
            hasMore = sweep.hasMore
        }
    }

    /// Takes items; nil when there are none to take.
    func read(_ request: QueueScripts.ReadRequest) async throws(MemoryStoreError) -> [StoredQueueItem]? {
        while true {
            let (reading, died) = try await scripts.read(request)
            QueueMetrics.record(died: died)
            switch reading {
            case .batch(let items): return items
            case .empty: return nil
            case .again: try checkCancellation()
            case .lost: try await rebuild()
            }
        }
    }

    /// Gives items back that nobody here can read.
    func giveBack(
        _ items: [RandomID], of batch: RandomID, delayMillis: Int64
    ) async throws(MemoryStoreError) {
        QueueMetrics.unreadable.increment(by: items.count)
        scripts.context.logger.warning(
            "items of a queue are of another type and were given back",
            metadata: ["holdfast.queue": "\(name)", "holdfast.items": "\(items.count)"])
        if let (_, died) = try await scripts.release(batch, items: items, delayMillis: delayMillis) {
            QueueMetrics.record(died: died)
        }
    }

    /// Counts what has not expired.
    func counts() async throws(MemoryStoreError) -> QueueScripts.Counts {
        while true {
            let (counts, died) = try await scripts.size()
            QueueMetrics.record(died: died)
            if let counts { return counts }
            try checkCancellation()
        }
    }

    /// Shows the next items.
    func peek(_ count: Int) async throws(MemoryStoreError) -> [StoredQueueItem] {
        while true {
            let (items, died) = try await scripts.peek(count)
            QueueMetrics.record(died: died)
            if let items { return items }
            try checkCancellation()
        }
    }

    /// Removes items from the store that Redis no longer holds; where that fails, the scrub does it.
    func trim(_ ids: [RandomID]) async {
        guard !ids.isEmpty, let durable = scripts.context.durable, let pump else { return }
        do throws(MemoryStoreError) {
            try await QueueScrub(scripts: scripts, durable: durable, log: pump.log).trim(ids)
        } catch {
            scripts.context.logger.notice(
                "removed items stay in the store until the next scrub",
                metadata: ["holdfast.queue": "\(name)", "holdfast.error": "\(error)"])
        }
    }

    private func checkCancellation() throws(MemoryStoreError) {
        if Task.isCancelled { throw MemoryStoreError(.deadline, "the task was cancelled") }
    }

    /// Puts the queue together again from its items, where other keys of it have vanished.
    ///
    /// Returns at once where another process is at it.
    func rebuild() async throws(MemoryStoreError) {
        scripts.context.logger.warning(
            "a queue has lost keys in Redis and is rebuilt from its items", metadata: ["holdfast.queue": "\(name)"])
        var place: String? = ""
        while let step = place { place = try await scripts.rebuild(at: step).next }
    }

    // MARK: Hints

    /// Follows hints while somebody waits, and for a while after.
    private func listen() async {
        let subscription = scripts.context.redis.subscribe(scripts.channel)
        await withDiscardingTaskGroup { group in
            group.addTask {
                // A while, so that reads that follow each other share one subscription.
                repeat {
                    guard (try? await Task.sleep(for: .seconds(30))) != nil else { break }
                } while !self.room.stopListening()
                subscription.cancel()
            }
            for await event in subscription {
                switch event {
                case .message(let bytes):
                    guard bytes == token.bytes, !room.wake() else { continue }
                    // It was meant for somebody who has left: another process may want it.
                    try? await scripts.wake()
                case .reconnected, .overflow:
                    room.wake()
                }
            }
            group.cancelAll()
        }
    }

    /// Breaks the circle between a queue and the work that it asks for.
    private final class Listener: Sendable {
        let queue = Mutex(Weak(nil))

        func listen() async {
            await queue.withLock { $0.queue }?.listen()
        }
    }

    private struct Weak {
        weak var queue: SharedQueue?

        init(_ queue: SharedQueue?) {
            self.queue = queue
        }
    }
}
