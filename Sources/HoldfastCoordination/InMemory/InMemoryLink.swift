import Synchronization

/// One server's connection to an in-memory space, with the faults that a network has.
final class InMemoryLink: Sendable {
    enum Mode {
        case online, offline, paused
    }
    private struct Request {
        var execute: @Sendable () -> Void
        var answered: Signal
    }
    private struct State {
        var mode = Mode.online
        var latency: Duration = .zero
        var requests: [Request] = []
        var listeners: [Signal] = []
    }
    private let state = Mutex(State())

    /// Executes a request, now or when the link is resumed, and waits for it at most `limit`.
    ///
    /// A request that nobody waits for any more is still executed on resumption, as a Redis that was frozen
    /// executes what it finds in its sockets.
    func perform<Value: Sendable>(
        atMost limit: Duration, _ body: @escaping @Sendable () -> Value
    ) async throws(CoordinationError) -> Value {
        let latency = state.withLock { $0.latency }
        if latency > .zero { try? await Task.sleep(for: latency) }
        let reply = InMemoryReply<Value>()
        let answered = Signal()
        let mode = state.withLock { state in
            if state.mode == .paused {
                state.requests.append(Request(execute: { reply.set(body()) }, answered: answered))
            }
            return state.mode
        }
        switch mode {
        case .online: return body()
        case .offline: throw CoordinationError(.unavailable, "the in-memory backend is offline")
        case .paused:
            await answered.wait(atMost: limit)
            guard let value = reply.value else {
                throw CoordinationError(.outcomeUnknown, "the in-memory backend did not answer within \(limit)")
            }
            return value
        }
    }

    /// Changes the mode.
    ///
    /// Leaving a pause executes what was asked meanwhile; going offline drops it.
    func enter(_ mode: Mode) {
        let (requests, listeners) = state.withLock { state in
            state.mode = mode
            guard mode != .paused else { return ([Request](), [Signal]()) }
            if mode == .online {
                // Under the lock, so that no later request overtakes these.
                for request in state.requests { request.execute() }
            }
            defer {
                state.requests = []
                state.listeners = []
            }
            return (state.requests, state.listeners)
        }
        for request in requests { request.answered.fire() }
        for signal in listeners { signal.fire() }
    }

    /// Makes every request take that much longer.
    func delay(by latency: Duration) {
        state.withLock { $0.latency = latency }
    }

    /// Has `signal` fire when the mode changes.
    func listen(_ signal: Signal) {
        state.withLock { $0.listeners.append(signal) }
    }

    /// Forgets a signal.
    func forget(_ signal: Signal) {
        state.withLock { $0.listeners.removeAll { $0 === signal } }
    }
}

/// The answer to one request, once it was executed.
private final class InMemoryReply<Value: Sendable>: Sendable {
    private let stored = Mutex<Value?>(nil)
    var value: Value? { stored.withLock { $0 } }

    func set(_ value: Value) {
        stored.withLock { $0 = value }
    }
}
