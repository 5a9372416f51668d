import HoldfastStorage
import Synchronization

/// Wakes who waits for something to happen to a record: an open for its release, a caller for a receipt.
///
/// A wake-up is a hint; every wait also has a time.
public final class ReleaseSignals: Sendable {
    /// One registered wait.
    public struct Ticket: Sendable {
        let id: RecordID
        let number: UInt64
    }

    private enum Waiter {
        /// Registered, not waiting yet.
        case registered
        /// Woken before it began to wait.
        case woken
        case waiting(CheckedContinuation<Void, Never>)
    }

    private struct State {
        var next: UInt64 = 0
        var waiters: [RecordID: [UInt64: Waiter]] = [:]
    }

    private let state = Mutex(State())

    /// Makes an empty set of waits.
    public init() {}

    /// Registers a wait, so that a signal which comes before ``wait(_:until:)`` is not missed.
    public func register(_ id: RecordID) -> Ticket {
        state.withLock { state in
            state.next += 1
            state.waiters[id, default: [:]][state.next] = .registered
            return Ticket(id: id, number: state.next)
        }
    }

    /// Waits for a signal, a time or a cancellation, whichever is first; the ticket is used up.
    public func wait(_ ticket: Ticket, until: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.suspend(ticket) }
            group.addTask {
                try? await Task.sleep(until: until, clock: .continuous)
                self.wake(ticket)
            }
            await group.next()
            group.cancelAll()
        }
        drop(ticket)
    }

    /// Gives a ticket back that is not waited with.
    public func drop(_ ticket: Ticket) {
        state.withLock { state in
            state.waiters[ticket.id]?[ticket.number] = nil
            if state.waiters[ticket.id]?.isEmpty == true { state.waiters[ticket.id] = nil }
        }
    }

    /// Wakes everything that waits for `id`.
    public func signal(_ id: RecordID) {
        let tickets = state.withLock { Array(($0.waiters[id] ?? [:]).keys) }
        for number in tickets { wake(Ticket(id: id, number: number)) }
    }

    private func suspend(_ ticket: Ticket) async {
        await withCheckedContinuation { continuation in
            let resumeNow = state.withLock { state in
                guard case .registered = state.waiters[ticket.id]?[ticket.number] else { return true }
                state.waiters[ticket.id]?[ticket.number] = .waiting(continuation)
                return false
            }
            if resumeNow { continuation.resume() }
        }
    }

    private func wake(_ ticket: Ticket) {
        let continuation: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard let waiter = state.waiters[ticket.id]?[ticket.number] else { return nil }
            state.waiters[ticket.id]?[ticket.number] = .woken
            guard case .waiting(let continuation) = waiter else { return nil }
            return continuation
        }
        continuation?.resume()
    }
}
