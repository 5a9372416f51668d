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
    typealias Caller = UnsafeContinuation<Reply, Never>

    /// What a command that cannot be sent is told.
    enum Situation {
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

    struct State {
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
    struct Alarm {
        let deadline: NIODeadline
        let scheduled: Scheduled<Void>
    }

    let name: String
    let eventLoop: any EventLoop
    /// Where it leads, for messages.
    let place: String
    /// Asks for a connection, once, at the first command.
    private let start: @Sendable (RedisConnection) -> Void
    private let tickets = Atomic<UInt64>(0)
    let state: Mutex<State>
    let alarm: NIOLoopBoundBox<Alarm?>

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
}
