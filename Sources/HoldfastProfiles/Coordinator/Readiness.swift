import HoldfastStorage
import Synchronization

/// Whether the coordinator takes work: not before it has reached Redis and the store, not while it drains.
final class Readiness: Sendable {
    private enum Phase {
        case notRun, starting, ready, draining, stopped
        case failed(ProfileError)
    }

    private let phase = Mutex(Phase.notRun)

    var isDraining: Bool {
        phase.withLock { phase in
            switch phase {
            case .draining, .stopped: true
            default: false
            }
        }
    }

    /// Whether it has ended, whatever ended it.
    var isStopped: Bool {
        phase.withLock { phase in
            switch phase {
            case .stopped, .failed: true
            default: false
            }
        }
    }

    /// False when it was run before.
    func start() -> Bool {
        phase.withLock { phase in
            guard case .notRun = phase else { return false }
            phase = .starting
            return true
        }
    }

    func becomeReady() {
        phase.withLock { if case .starting = $0 { $0 = .ready } }
    }

    func drain() {
        phase.withLock { phase in
            switch phase {
            case .starting, .ready: phase = .draining
            default: break
            }
        }
    }

    func stop(_ error: ProfileError? = nil) {
        phase.withLock { $0 = error.map { .failed($0) } ?? .stopped }
    }

    func refuseWhileDraining(record: RecordID, _ undo: (ProfileError) -> Void) throws(ProfileError) {
        guard isDraining else { return }
        let refusal = ProfileError(.shuttingDown, "this server is draining", record: record)
        undo(refusal)
        throw refusal
    }

    /// Waits until work is taken.
    ///
    /// Polled: the wait happens once at a server's start, before there is any loop that could wake it.
    func wait(until deadline: ContinuousClock.Instant) async throws(ProfileError) {
        while true {
            let wasRun: Bool
            switch phase.withLock({ $0 }) {
            case .ready: return
            case .draining: throw ProfileError(.shuttingDown, "this server is draining")
            case .stopped: throw ProfileError(.notReady, "the coordinator has stopped")
            case .failed(let error): throw error
            case .starting: wasRun = true
            case .notRun: wasRun = false
            }
            guard ContinuousClock.now < deadline else {
                throw ProfileError(
                    .notReady,
                    wasRun
                        ? "the coordinator has not reached Redis and the store yet"
                        : "the coordinator's run() has not been started: add it to a ServiceGroup, or run it in a task"
                )
            }
            do {
                try await Task.sleep(for: .milliseconds(10))
            } catch {
                throw ProfileError(.cancelled, "cancelled while waiting for the coordinator")
            }
        }
    }
}
