import HoldfastRedis
import HoldfastStorage
import Logging
import Synchronization

/// One channel in this process: a single reader of its logs for however many subscribers there are.
///
/// The reader is woken by hints and looks by itself every one to two seconds, so that a lost hint costs time and
/// nothing else. What it finds goes into the ``AnnouncementTail``, from which each subscriber takes at its own pace.
final class AnnouncementChannel: Sendable {
    /// What a subscriber's step came to.
    enum Step: Sendable {
        case occurrence(AnnouncementOccurrence)
        case behind
        /// The memory store has ended, or the task was cancelled.
        case ended
    }

    struct State {
        var durable: AnnouncementFollower
        var fast: AnnouncementFollower
        var tail: AnnouncementTail
        var subscribers = 0
        /// Whether a reader runs or was asked for.
        var isFollowed = false
        var isEnded = false
        /// Counts the reader's rounds, for those that wait for one.
        var rounds = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0
        /// Whether a publisher copies to Redis now, and whether it is to do so once more.
        var isCopying = false
        var copiesAgain = false
        /// Where the copy in Redis was seen last.
        var copy: AnnouncementPosition?

        subscript(flavor: AnnouncementFlavor) -> AnnouncementFollower {
            get { flavor == .durable ? durable : fast }
            set {
                if flavor == .durable { durable = newValue } else { fast = newValue }
            }
        }
    }

    let name: String
    let logs: AnnouncementLogs
    private let follow: @Sendable (AnnouncementChannel) -> Bool
    let state: Mutex<State>
    private let wakes: AsyncStream<Void>
    private let wakeReader: AsyncStream<Void>.Continuation

    var context: MemoryStore.Context { logs.context }
    private var hasStore: Bool { context.durable != nil }

    /// - Parameter follow: Asks for ``read()`` to be run; false once nothing runs any more.
    init(
        name: String, logs: AnnouncementLogs, follow: @escaping @Sendable (AnnouncementChannel) -> Bool
    ) {
        self.name = name
        self.logs = logs
        self.follow = follow
        (wakes, wakeReader) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        state = Mutex(
            State(
                durable: AnnouncementFollower(.durable, at: nil, hasStore: false),
                fast: AnnouncementFollower(.fast, at: nil, hasStore: false),
                tail: AnnouncementTail(at: AnnouncementCursor())))
    }

    // MARK: Subscribers

    /// Counts a subscriber in, and starts the reader for the first.
    ///
    /// - Returns: Where the subscriber begins.
    func attach(_ start: AnnouncementStart) async throws(MemoryStoreError) -> AnnouncementCursor {
        if case .after(let cursor) = start, try join(now: nil) { return cursor }
        let durable = try await durableHead()
        let fast = try await head(.fast)
        let now = AnnouncementCursor(durable: durable?.end, fast: fast?.end)
        _ = try join(now: now)
        switch start {
        case .now: return now
        case .after(let cursor): return cursor
        case .earliestValid:
            return AnnouncementCursor(durable: durable.map { $0.oldest }, fast: fast.map { $0.oldest })
        case .sequence(let first):
            return AnnouncementCursor(
                durable: durable.map { $0.position(before: first) }, fast: fast.map { $0.position(before: first) })
        }
    }

    /// Counts a subscriber out.
    func detach() {
        let isLast = state.withLock { state in
            state.subscribers -= 1
            return state.subscribers == 0
        }
        if isLast { wakeReader.yield() }
    }

    /// Waits for what comes after a place.
    func next(_ place: inout AnnouncementTail.Place) async -> Step {
        while true {
            let (step, round) = state.withLock { state -> (AnnouncementTail.Step?, Int) in
                let step = state.tail.step(&place)
                if case .wait = step, state.isEnded { return (nil, 0) }
                return (step, state.rounds)
            }
            switch step {
            case .occurrence(let occurrence): return .occurrence(occurrence)
            case .behind:
                AnnouncementMetrics.shared.slowSubscribers.increment()
                return .behind
            case .wait: await waitForRound(after: round)
            case nil: return .ended
            }
            if Task.isCancelled { return .ended }
        }
    }

    /// The place of a subscriber that read the log itself up to a cursor; nil when the reader has not been there.
    func place(of cursor: AnnouncementCursor) -> AnnouncementTail.Place? {
        state.withLock { $0.tail.place(of: cursor) }
    }

    /// Has the reader look at the logs, and waits until it did.
    func look() async {
        let round = state.withLock { $0.rounds }
        wakeReader.yield()
        await waitForRound(after: round)
    }

    /// Whether the memory store has ended.
    var isEnded: Bool { state.withLock { $0.isEnded } }

    /// Counts a subscriber in; false when no reader runs and the heads of the logs are needed to start one.
    private func join(now: AnnouncementCursor?) throws(MemoryStoreError) -> Bool {
        let (isEnded, isIn, starts) = state.withLock { state -> (Bool, Bool, Bool) in
            if state.isEnded { return (true, false, false) }
            if !state.isFollowed {
                guard let now else { return (false, false, false) }
                state.durable = AnnouncementFollower(.durable, at: now.durable, hasStore: hasStore)
                state.fast = AnnouncementFollower(.fast, at: now.fast, hasStore: false)
                state.tail = state.tail.restarted(at: now)
                state.isFollowed = true
                state.subscribers += 1
                return (false, true, true)
            }
            state.subscribers += 1
            return (false, true, false)
        }
        guard !isEnded, !starts || follow(self) else {
            throw MemoryStoreError(.closed, "the memory store has ended")
        }
        return isIn
    }

    /// The durable log's head, with the copy in Redis agreeing with the store.
    private func durableHead() async throws(MemoryStoreError) -> AnnouncementReply.Log? {
        let log = try await head(.durable)
        guard hasStore else { return log }
        let end = try await compare(from: log?.end)
        if end?.generation == log?.end.generation, end?.last == log?.end.sequence { return log }
        return try await head(.durable)
    }

    private func head(_ flavor: AnnouncementFlavor) async throws(MemoryStoreError) -> AnnouncementReply.Log? {
        try await logs.read(flavor, after: nil, count: 1).log
    }

    // MARK: The reader

    /// Reads the logs until nobody subscribes any more or the task is cancelled.
    func read() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.hear() }
            group.addTask { await self.wakeNowAndThen() }
            wakeReader.yield()
            for await _ in wakes {
                let isOver = state.withLock { state in
                    if state.subscribers == 0 { state.isFollowed = false }
                    return state.subscribers == 0
                }
                if isOver { break }
                await look(.durable)
                await look(.fast)
                finishRound()
            }
            group.cancelAll()
        }
    }

    /// Ends every subscription, now and later.
    func end() {
        state.withLock { $0.isEnded = true }
        finishRound()
    }

    /// The floor under all hints.
    private func wakeNowAndThen() async {
        while (try? await Task.sleep(for: .floor)) != nil { wakeReader.yield() }
    }

    private func hear() async {
        for await event in context.redis.subscribe(logs.keys.hints) {
            guard case .message(let bytes) = event, let hint = AnnouncementHint(redisBytes: bytes) else {
                wakeReader.yield()
                continue
            }
            let occurrences = state.withLock { state -> [AnnouncementOccurrence]? in
                guard let occurrences = state[hint.flavor].take(hint) else { return nil }
                state.tail.add(occurrences, by: state[hint.flavor])
                return occurrences
            }
            guard let occurrences else {
                wakeReader.yield()
                continue
            }
            if occurrences.isEmpty { continue }
            AnnouncementMetrics.shared.record(occurrences, now: WallClock.milliseconds())
            finishRound()
        }
    }

    /// Reads one log to its end, and has Redis follow the store where that is needed.
    private func look(_ flavor: AnnouncementFlavor) async {
        var hasCompared = false
        do throws(MemoryStoreError) {
            while !Task.isCancelled {
                let asked = state.withLock { $0[flavor].position }
                let reply = try await logs.read(flavor, after: asked)
                let next = take(reply, from: asked, flavor)
                switch next {
                case .wait: return
                case .readAgain: continue
                case .compare:
                    if hasCompared { return }
                    hasCompared = true
                    let end = try await compare(from: reply.log?.end)
                    let lost = state.withLock { state in
                        let lost = state.durable.compared(with: end)
                        state.tail.add(lost, by: state.durable)
                        return lost
                    }
                    AnnouncementMetrics.shared.record(lost, now: WallClock.milliseconds())
                }
            }
        } catch {
            context.logger.debug(
                "a channel could not be read", metadata: ["holdfast.channel": "\(name)", "holdfast.error": "\(error)"])
        }
    }

    private func take(
        _ reply: AnnouncementReply, from asked: AnnouncementPosition?, _ flavor: AnnouncementFlavor
    ) -> AnnouncementFollower.Next {
        let (occurrences, next) = state.withLock { state in
            let taken = state[flavor].take(reply, from: asked)
            state.tail.add(taken.occurrences, by: state[flavor])
            return taken
        }
        AnnouncementMetrics.shared.record(occurrences, now: WallClock.milliseconds())
        if let log = reply.log, log.finding == .continues, log.end.sequence > asked?.sequence ?? 0 {
            AnnouncementMetrics.shared.recordLag(log.end.sequence - (asked?.sequence ?? 0))
            AnnouncementMetrics.shared.withoutHint.increment(by: Int64(occurrences.count))
        }
        return next
    }
}
