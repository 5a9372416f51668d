import HoldfastStorage
import Synchronization

/// Locks by name, given out first come first served.
final class NamedLocks<Name: Hashable & Sendable>: Sendable {
    /// Those who wait for each lock that is taken.
    let waiting = Mutex<[Name: [Ticket<Bool>]]>([:])

    /// Waits until the lock is the caller's.
    ///
    /// - Throws: ``ProfileError``: what `reason` makes at the deadline, `cancelled`.
    func take(
        _ name: Name, until deadline: ContinuousClock.Instant, orThrow reason: @escaping @Sendable () -> ProfileError
    ) async throws(ProfileError) {
        guard let ticket = takeOrWait(name) else { return }
        // A timer of its own: a holder's code may go on when the coordinator's tick has stopped already. It counts in
        // nanoseconds, which end before `deadline` may.
        let end = min(deadline, .now + .seconds(Int64.max / 4_000_000_000))
        let timer = Task.detached {
            guard (try? await Task.sleep(until: end, clock: .continuous)) != nil else { return }
            ticket.resolve(.failure(reason()))
        }
        defer { timer.cancel() }
        do throws(ProfileError) {
            _ = try await ticket.value(until: deadline)
        } catch {
            // While the holder stays, callers may come and give up any number of times.
            waiting.withLock { _ = $0[name]?.removeAll { $0 === ticket } }
            throw error
        }
    }

    /// A ticket that is resolved once the lock is the caller's; nil when it is already.
    private func takeOrWait(_ name: Name) -> Ticket<Bool>? {
        waiting.withLock { waiting in
            guard waiting[name] != nil else {
                waiting[name] = []
                return nil
            }
            let ticket = Ticket<Bool>()
            waiting[name]?.append(ticket)
            return ticket
        }
    }

    /// Passes the lock to whoever waits longest and has not given up.
    func give(_ name: Name) {
        while true {
            let next: Ticket<Bool>? = waiting.withLock { waiting in
                if waiting[name]?.isEmpty ?? true {
                    waiting[name] = nil
                    return nil
                }
                return waiting[name]?.removeFirst()
            }
            guard let next else { return }
            if next.resolve(.success(true)) > 0 { return }
        }
    }
}

extension Session {
    /// Runs `body` while no other body runs under the same name on this session.
    ///
    /// For steps with awaits in between, a trade that asks both players for example: edits alone need no lock, and
    /// those without it are not kept off. The lock is known to this server only and is not durable. Taking it again
    /// inside of itself waits until the deadline.
    ///
    /// - Parameter timeout: How long to wait for the lock, ten seconds by default; `body` may take any time.
    /// - Throws: ``ProfileError``: `busy` when others hold it until then, `cancelled`; whatever the body throws.
    public func withLock<Result>(
        _ name: String, timeout: Duration = .seconds(10), isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> sending Result
    ) async throws -> sending Result {
        try await locks.take(name, until: .now + timeout) { [id] in
            ProfileError(.busy, "the lock \(name) was taken until the deadline", record: id)
        }
        defer { locks.give(name) }
        return try await body()
    }
}
