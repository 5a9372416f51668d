import HoldfastStorage
import Synchronization

/// The state that several in-memory backends share, as servers share one Redis.
final class InMemorySpace: Sendable {
    private struct Contents {
        var state = InMemoryState()
        var run = RandomID.random()
        var listeners: [InMemoryState.ServerKey: [Signal]] = [:]
    }
    private let contents = Mutex(Contents())
    let now: @Sendable () -> Int64

    init(now: @escaping @Sendable () -> Int64) {
        self.now = now
    }

    /// Runs one atomic step.
    func step<Value>(_ body: (inout InMemoryState, _ run: String, _ now: Int64) -> Value) -> Value {
        contents.withLock { body(&$0.state, $0.run.description, now()) }
    }

    /// Puts a message into an inbox and wakes who waits there.
    func send(_ message: InboxMessage, to server: String) {
        let woken = contents.withLock { contents in
            contents.state.send(message, to: server, now: now())
            return contents.listeners.removeValue(forKey: Array(server.utf8)) ?? []
        }
        for signal in woken { signal.fire() }
    }

    /// Takes messages, or has `signal` fire when the next one comes.
    func receive(server: String, orFire signal: Signal) -> [InboxMessage] {
        contents.withLock { contents in
            let taken = contents.state.receive(server: server, now: now())
            if taken.isEmpty { contents.listeners[Array(server.utf8), default: []].append(signal) }
            return taken
        }
    }

    /// Forgets a signal that nobody waits for any more.
    func forget(_ signal: Signal, server: String) {
        contents.withLock { $0.listeners[Array(server.utf8)]?.removeAll { $0 === signal } }
    }

    /// The state as it stands.
    func snapshot() -> InMemoryState {
        contents.withLock { $0.state }
    }

    /// Puts another state in place; `newRun` tells servers that the shared side restarted.
    func replace(with state: InMemoryState?, newRun: Bool) {
        contents.withLock { contents in
            if let state { contents.state = state }
            if newRun { contents.run = .random() }
        }
    }
}
