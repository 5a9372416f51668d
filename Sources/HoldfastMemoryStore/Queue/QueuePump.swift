import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import Logging
import Synchronization

/// Brings the durable items of one queue from the store's log to Redis, strictly in the order of the log.
///
/// The log holds every durable item from its addition to its removal. Redis holds a copy and, in the same key, how far
/// it was pushed. So the states of an item, and what ends each of them whoever dies:
///
/// | in the log | pushed | in Redis | it is | goes on when |
/// |---|---|---|---|---|
/// | yes | no | no | added, acknowledged | any process pumps: the one that added it, or the one on duty |
/// | yes | yes | yes | to be read | a reader removes it |
/// | yes | yes | no | removed or expired | the remover trims the log, else the scrub does |
/// | no | yes | no | over | |
///
/// A reply that was lost, or a crash between two steps, leaves one of these states, and repeating a step changes
/// nothing: the log knows ids, Redis skips numbers that it has pushed and ids that it holds. When Redis loses data the
/// copies and the place vanish together, so the rest of the log is pushed again: what had not been trimmed is delivered
/// again, with its attempts counted anew; nothing is lost. The same goes for a Redis that came back in an older state.
final class QueuePump: Sendable {
    let scripts: QueueScripts
    let durable: MemoryStore.Durable
    let log: SpaceName
    private let limits: QueueLimits
    private let submit: @Sendable (@escaping @Sendable () async -> Void) -> Void
    private let state = Mutex(State())

    private struct State {
        var isRunning = false
        var isRequested = false
        var isBlocked = false
        var generation: RandomID?
    }

    /// Entries of one push.
    private static let page = 100

    init(
        scripts: QueueScripts, durable: MemoryStore.Durable, log: SpaceName, limits: QueueLimits,
        submit: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Void
    ) {
        self.scripts = scripts
        self.durable = durable
        self.log = log
        self.limits = limits
        self.submit = submit
    }

    private static let prefix = "queue:"

    /// The store's log of a queue; nil when the name is too long for it.
    static func logName(_ queue: String) -> SpaceName? { try? SpaceName(prefix + queue) }

    /// The queue whose log this is.
    static func queueName(_ log: SpaceName) -> String { String(log.description.dropFirst(prefix.count)) }

    /// How the names of all logs of queues begin.
    static let logPrefix = Array(prefix.utf8)

    /// Whether Redis was full when this process last brought something.
    var isBlocked: Bool { state.withLock { $0.isBlocked } }

    /// Adds entries to the log, all or none, and has them pushed.
    ///
    /// - Throws: ``MemoryStoreError``: `full`, `outcomeUnknown`.
    func append(_ entries: [AppendRequest.Entry]) async throws(MemoryStoreError) {
        // What waits for room in Redis must not grow without bound.
        if isBlocked { try? await run() }
        guard !isBlocked else {
            throw MemoryStoreError(.full, "the queue is full in Redis, and durable items wait for room already")
        }
        let addition = AppendRequest(log: log, entries: entries, limit: Int(limits.items))
        var outcome = try await append(addition)
        if case .full = outcome {
            try await QueueScrub(scripts: scripts, durable: durable, log: log).trimExpired()
            outcome = try await append(addition)
        }
        guard case .appended(let generation, _) = outcome else {
            throw MemoryStoreError(.full, "the store holds \(limits.items) durable items of this queue already")
        }
        state.withLock { $0.generation = generation }
        request()
    }

    /// Ids make a repetition harmless.
    private func append(_ request: AppendRequest) async throws(MemoryStoreError) -> AppendOutcome {
        try await RepeatedRequest.run(within: durable.timeout) { left, _ async throws(MemoryStoreError) in
            do throws(StoreError) {
                return try await durable.committer.append(request, timeout: left)
            } catch {
                throw MemoryStoreError(error)
            }
        }
    }

    /// Has the log pushed in the background; requests that come meanwhile share the next run.
    func request() {
        let starts = state.withLock { state in
            state.isRequested = true
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { submit { await self.serve() } }
    }

    private func serve() async {
        while takeRequest() {
            do throws(MemoryStoreError) {
                try await run()
            } catch {
                // Whoever is on duty tries again.
                scripts.context.logger.debug(
                    "durable items wait for Redis",
                    metadata: ["holdfast.log": "\(log)", "holdfast.error": "\(error)"])
            }
        }
    }

    private func takeRequest() -> Bool {
        state.withLock { state in
            state.isRunning = state.isRequested && !Task.isCancelled
            state.isRequested = false
            return state.isRunning
        }
    }

    /// Pushes what the log holds beyond Redis' place, until there is nothing left or Redis is full.
    ///
    /// Several processes may do so at a time: each push takes only what follows on the one before.
    func run() async throws(MemoryStoreError) {
        guard var generation = try await knownGeneration() else { return }
        var place: Int64?
        while !Task.isCancelled {
            let cursor: Int64
            if let place { cursor = place } else { cursor = try await scripts.cursor(of: generation) }
            guard let page = try await entries(after: cursor) else { return forget() }
            if page.generation != generation {
                generation = page.generation
                state.withLock { $0.generation = generation }
                place = nil
                continue
            }
            var push = QueueScripts.Push(generation: generation, after: cursor, entries: page.entries)
            if page.lastSequence < cursor {
                // The store came back in an older state: its numbers will be used again.
                push = QueueScripts.Push(generation: generation, beyond: cursor, after: 0, entries: [])
            } else if page.entries.isEmpty {
                return unblock()
            }
            switch try await scripts.push(push, limits: limits) {
            case .behind(let known): place = known
            case .pushed(let known, _, let isFull):
                guard !isFull else { return state.withLock { $0.isBlocked = true } }
                unblock()
                place = known
                if push.beyond == nil, page.entries.count < Self.page { return }
            }
        }
    }

    private func unblock() {
        state.withLock { $0.isBlocked = false }
    }

    private func forget() {
        state.withLock { $0.generation = nil }
    }

    private func knownGeneration() async throws(MemoryStoreError) -> RandomID? {
        if let known = state.withLock({ $0.generation }) { return known }
        let found = try await entries(after: 0, limit: 1)?.generation
        state.withLock { $0.generation = found }
        return found
    }

    private func entries(after sequence: Int64, limit: Int = page) async throws(MemoryStoreError) -> LogPage? {
        do {
            return try await durable.store.entries(of: log, after: sequence, limit: limit)
        } catch {
            throw MemoryStoreError(error)
        }
    }
}
