import Logging
import NIOCore
import Synchronization

/// One lane: a queue of commands and, most of the time, a connection that they are pipelined over.
///
/// Callers encode their command into the shared buffer under the lock; only the one that finds no write under
/// way wakes the event loop, which then writes everything at once. Replies are matched in order, all of one read
/// under one turn of the lock, and continuations are resumed outside it.
final class RedisConnection: ConnectionUser {
    typealias Reply = Result<RedisValue, RedisError>
    private typealias Caller = UnsafeContinuation<Reply, Never>

    /// What a command that cannot be sent is told.
    private enum Situation {
        case notRunning
        case connecting(RedisError?)
        case connected
        /// Refused for good until an operator changes something: callers fail at once.
        case refused(RedisError)
        /// The server is not part of the topology any more: callers have to look for another one.
        case retired(RedisError)
        case closed

        /// Whether it never changes again.
        var isFinal: Bool {
            switch self {
            case .retired, .closed: true
            default: false
            }
        }
    }

    /// What an onlooker finds.
    enum Condition {
        /// Nobody waits for the server.
        case idle
        /// Commands wait, and there is no connection.
        case cutOff
        /// The server owes a reply and has sent nothing since then.
        case owed(since: NIODeadline)
    }

    private struct State {
        var queue: CommandQueue<Caller>
        var situation = Situation.notRunning
        var channel: (any Channel)?
        /// A connection that takes no further commands, and ends when its last reply has come.
        var leaving: (any Channel)?
        var server: RedisServer?
        var lastRead: NIODeadline?
        /// Whether the event loop is about to look at the queue.
        var isDrainScheduled = false
        /// How many new commands the scheduled drain waits for, a moment at most; 0 when it does not wait.
        var gathering = 0
        /// When somebody's deadline comes first; the timer fires no later.
        var timerDeadline: NIODeadline?
        var isStarted = false

        /// Writes no more to the current connection.
        mutating func stepBack() {
            leaving = channel ?? leaving
            channel = nil
            server = nil
        }
    }

    /// The one timer of the lane.
    private struct Alarm {
        let deadline: NIODeadline
        let scheduled: Scheduled<Void>
    }

    /// From how many replies at once on their callers are given a moment to come back together.
    private static var burst: Int { 8 }
    private static var gatheringTime: TimeAmount { .microseconds(100) }
    /// How long a connection that is given up may take for its last replies.
    private static var leavingTime: TimeAmount { .seconds(1) }

    let name: String
    let eventLoop: any EventLoop
    /// Where it leads, for messages.
    private let place: String
    /// Asks for a connection, once, at the first command.
    private let start: @Sendable (RedisConnection) -> Void
    private let tickets = Atomic<UInt64>(0)
    private let state: Mutex<State>
    private let alarm: NIOLoopBoundBox<Alarm?>

    /// Makes a lane that asks for its connection, through `start`, at its first command.
    ///
    /// `place` names the far end in messages.
    init(
        name: String, place: String, configuration: RedisConfiguration, eventLoop: any EventLoop,
        start: @escaping @Sendable (RedisConnection) -> Void
    ) {
        self.name = name
        self.eventLoop = eventLoop
        self.place = place
        self.start = start
        self.alarm = .makeBoxSendingValue(nil, eventLoop: eventLoop)
        self.state = Mutex(
            State(
                queue: CommandQueue(
                    maximumInFlight: configuration.maximumInFlight,
                    maximumQueuedBytes: configuration.maximumQueuedBytes,
                    silenceLimit: TimeAmount(configuration.commandTimeout))))
    }

    /// Commands queued or awaiting their reply, waiting callers included.
    var inFlight: Int { state.withLock { $0.queue.inFlight + $0.queue.waiting } }

    /// The server of the current connection.
    var server: RedisServer? { state.withLock { $0.server } }

    /// Asks for the connection without sending anything.
    func requestConnection() {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        if isFirst { start(self) }
    }

    // MARK: Callers

    /// Sends a command and waits for its reply, which may be an error reply.
    ///
    /// `length` is the command's ``RedisCommand/maximumLength``.
    nonisolated(nonsending) func send(
        _ command: RedisCommand, length: Int, deadline: NIODeadline, timeout: TimeAmount
    ) async -> Reply {
        let ticket = tickets.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                submit(
                    command, length, ticket: ticket, caller: continuation, deadline: deadline, timeout: timeout)
            }
        } onCancel: {
            cancel(ticket)
        }
    }

    private func submit(
        _ command: RedisCommand, _ length: Int, ticket: UInt64, caller: Caller, deadline: NIODeadline,
        timeout: TimeAmount
    ) {
        enum Outcome {
            case queued(drain: Bool, start: Bool)
            case refused(RedisError)
        }
        let outcome: Outcome = state.withLock { state in
            // The flag of the task is set before its cancellation handler runs, and the handler needs this lock:
            // either we see the flag here, or the handler finds the ticket in the queue. No third case is left.
            if Task.isCancelled { return .refused(RedisError(.cancelled, "the task was cancelled before sending")) }
            switch state.situation {
            case .refused(let error), .retired(let error): return .refused(error)
            case .closed: return .refused(RedisError(.closed, "the Redis client is shut down"))
            case .notRunning, .connecting, .connected: break
            }
            state.queue.submit(
                command, length: length, ticket: ticket, caller: caller, deadline: deadline, timeout: timeout)
            let needsTimer = state.timerDeadline.map { deadline < $0 } ?? true
            let isDue = state.channel != nil && state.queue.isWorthWriting
            let isGathered = state.gathering > 0 && state.queue.unwritten >= state.gathering
            if isGathered { state.gathering = 0 }
            let needsDrain = (needsTimer || isDue) && !state.isDrainScheduled || isGathered
            if needsDrain { state.isDrainScheduled = true }
            // The timer itself is set on the event loop; until then nobody needs to ask for it again.
            if needsTimer { state.timerDeadline = deadline }
            let needsStart = !state.isStarted
            state.isStarted = true
            return .queued(drain: needsDrain, start: needsStart)
        }
        switch outcome {
        case .queued(let drain, let start):
            if drain { eventLoop.execute { self.drain() } }
            if start { self.start(self) }
        case .refused(let error):
            caller.resume(returning: .failure(error))
        }
    }

    private func cancel(_ ticket: UInt64) {
        guard let (caller, wasWritten) = state.withLock({ $0.queue.cancel(ticket: ticket) }) else { return }
        let error =
            wasWritten
            ? RedisError(.outcomeUnknown, "the task was cancelled after sending: the command may take effect")
            : RedisError(.cancelled, "the task was cancelled before sending")
        caller.resume(returning: .failure(error))
        scheduleDrain()
    }

    // MARK: Event loop

    private func scheduleDrain() {
        let isNeeded = state.withLock { state in
            guard state.channel != nil, state.queue.hasUnwritten, !state.isDrainScheduled else { return false }
            state.isDrainScheduled = true
            return true
        }
        if isNeeded { eventLoop.execute { self.drain() } }
    }

    /// Writes what is queued, if the socket takes it, and sets the timer.
    private func drain() {
        let (channel, bytes, deadline) = state.withLock { state in
            state.isDrainScheduled = false
            state.gathering = 0
            let channel = state.channel
            let bytes = channel?.isWritable == true ? state.queue.takeOutbound() : nil
            return (channel, bytes, state.timerDeadline)
        }
        if let channel, let bytes { channel.writeAndFlush(bytes, promise: nil) }
        setTimer(deadline)
    }

    func becameWritable() {
        drain()
    }

    func received(_ replies: [RedisValue]) throws(RedisError) {
        let now = NIODeadline.now()
        var completed: [(Caller, RedisValue)] = []
        completed.reserveCapacity(replies.count)
        let (isSurplus, needsDrain, gathers, leaving) = state.withLock { state in
            state.lastRead = now
            var isSurplus = false
            for reply in replies {
                switch state.queue.takeReplied() {
                case .caller(let caller): completed.append((caller, reply))
                case .nobody: break
                case .unexpected: isSurplus = true
                }
            }
            state.queue.admitWaiters()
            // Callers of one read come back one by one; written one by one, they would stay apart for ever.
            let gathers =
                completed.count >= Self.burst && state.queue.unwritten < completed.count / 2 && !state.isDrainScheduled
            if gathers {
                state.isDrainScheduled = true
                state.gathering = completed.count / 2
            }
            let leaving = state.queue.written == 0 ? state.leaving : nil
            return (isSurplus, state.queue.isWorthWriting && !state.isDrainScheduled, gathers, leaving)
        }
        for (caller, reply) in completed { caller.resume(returning: .success(reply)) }
        if gathers { eventLoop.scheduleTask(in: Self.gatheringTime) { self.drain() } }
        leaving?.close(promise: nil)
        if isSurplus { throw RedisError(.protocolViolation, "Redis sent a reply that nobody asked for") }
        if needsDrain { drain() }
    }

    func opened(_ channel: any Channel, server: RedisServer) {
        let isWanted = state.withLock { state in
            // The client may have ended, or the server been given up, while this connection was made.
            if state.situation.isFinal { return false }
            state.channel = channel
            state.server = server
            state.situation = .connected
            state.lastRead = .now()
            return true
        }
        guard isWanted else { return channel.close(promise: nil) }
        drain()
    }

    func closed(_ reason: RedisError) {
        let callers = state.withLock { state in
            state.channel = nil
            state.leaving = nil
            state.server = nil
            state.lastRead = nil
            if case .connected = state.situation { state.situation = .connecting(reason) }
            return state.queue.connectionLost()
        }
        guard !callers.isEmpty else { return }
        let error = RedisError(
            .outcomeUnknown, "the connection was lost before the reply: \(reason.message)", underlying: reason)
        for caller in callers { caller.resume(returning: .failure(error)) }
    }

    // MARK: Time

    private func setTimer(_ deadline: NIODeadline?) {
        guard let deadline, alarm.value.map({ deadline < $0.deadline }) ?? true else { return }
        alarm.value?.scheduled.cancel()
        alarm.value = Alarm(
            deadline: deadline, scheduled: eventLoop.scheduleTask(deadline: deadline) { self.timerFired() })
    }

    private func timerFired() {
        alarm.value = nil
        let now = NIODeadline.now()
        let (expiry, situation, channel) = state.withLock { state in
            let expiry = state.queue.expire(now: now, lastRead: state.lastRead)
            state.timerDeadline = expiry.next
            return (expiry, state.situation, state.channel ?? state.leaving)
        }
        if !expiry.written.isEmpty {
            let error = RedisError(.outcomeUnknown, "no reply before the deadline; the command may take effect")
            for caller in expiry.written { caller.resume(returning: .failure(error)) }
        }
        if !expiry.unsent.isEmpty {
            let error = unsentError(situation)
            for caller in expiry.unsent { caller.resume(returning: .failure(error)) }
        }
        // A peer that vanished without a word, or one that is frozen: a fresh connection tells. Closing takes TLS a
        // while, in which nothing more may be written to this one.
        if expiry.isStalled, let channel {
            closed(RedisError(.unavailable, "\(place) owes replies and is silent"))
            channel.close(promise: nil)
        }
        drain()
    }

    private func unsentError(_ situation: Situation) -> RedisError {
        switch situation {
        case .notRunning:
            RedisError(
                .notRunning,
                "the Redis client is not running: call its run(), or put it into the ServiceGroup before its users")
        case .connecting(let error):
            RedisError(
                .deadline,
                "not sent before the deadline: no connection to \(place)\(error.map { ": \($0.message)" } ?? "")",
                underlying: error)
        case .connected:
            RedisError(.deadline, "not sent before the deadline: \(place) does not keep up")
        case .refused(let error), .retired(let error): error
        case .closed: RedisError(.closed, "the Redis client is shut down")
        }
    }
}

// MARK: - Life

extension RedisConnection {
    /// The client runs now: a connection is on its way.
    func connecting() {
        state.withLock { state in
            if case .notRunning = state.situation { state.situation = .connecting(nil) }
        }
    }

    func failed(_ reason: RedisError) {
        // Waiting cures neither wrong credentials nor a wrong configuration, so nobody is kept waiting for it.
        guard reason.isPermanent else {
            return state.withLock { state in
                if state.situation.isFinal { return }
                state.situation = .connecting(reason)
            }
        }
        let callers = state.withLock { state -> [Caller] in
            if state.situation.isFinal { return [] }
            state.situation = .refused(reason)
            return state.queue.failUnsent()
        }
        for caller in callers { caller.resume(returning: .failure(reason)) }
    }

    /// Gives the current connection up, for the server is no longer the right one.
    ///
    /// It gets a moment for the replies that it owes, but no further commands: those wait for the next connection.
    func leave(_ reason: RedisError) {
        let channel = state.withLock { state in
            guard let channel = state.channel else { return (any Channel)?.none }
            state.situation = .connecting(reason)
            state.stepBack()
            return channel
        }
        if let channel { close(channel) }
    }

    /// Gives the server up for good.
    ///
    /// Unsent commands fail with `reason`, which is `unavailable`, so that their callers look for another server; what
    /// was sent has a moment for its reply.
    func retire(_ reason: RedisError) {
        let (channel, callers) = state.withLock { state -> ((any Channel)?, [Caller]) in
            if state.situation.isFinal { return (nil, []) }
            state.situation = .retired(reason)
            let channel = state.channel
            state.stepBack()
            return (channel, state.queue.failUnsent())
        }
        for caller in callers { caller.resume(returning: .failure(reason)) }
        if let channel { close(channel) }
    }

    /// Whether it was given up for good.
    var isRetired: Bool {
        state.withLock { state in
            if case .retired = state.situation { true } else { false }
        }
    }

    /// How the lane is at the moment.
    var condition: Condition {
        state.withLock { state in
            if let lastRead = state.lastRead, let since = state.queue.silentSince(lastRead) {
                return .owed(since: since)
            }
            return state.channel == nil && state.queue.isHeldUp ? .cutOff : .idle
        }
    }

    /// Whether it is connected and takes commands.
    var isConnected: Bool { state.withLock { $0.channel != nil } }

    private func close(_ channel: any Channel) {
        guard state.withLock({ $0.queue.written > 0 }) else { return channel.close(promise: nil) }
        eventLoop.scheduleTask(in: Self.leavingTime) { channel.close(promise: nil) }
    }

    /// The client has ended: nobody waits any longer, and nobody will.
    func shutDown() {
        let (written, unsent) = state.withLock { state in
            state.situation = .closed
            state.channel = nil
            state.leaving = nil
            state.server = nil
            let unsent = state.queue.failUnsent()
            return (state.queue.connectionLost(), unsent)
        }
        let unknown = RedisError(.outcomeUnknown, "the Redis client was shut down before the reply")
        for caller in written { caller.resume(returning: .failure(unknown)) }
        let closed = RedisError(.closed, "the Redis client is shut down")
        for caller in unsent { caller.resume(returning: .failure(closed)) }
    }
}

extension RedisError {
    /// Whether only a change of the configuration helps.
    var isPermanent: Bool { code == .denied || code == .badInput }
}
