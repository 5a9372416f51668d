import Synchronization

/// Waits that belong to no session's own tickets, so that the coordinator's tick can end them in time.
final class WaitList: Sendable {
    private typealias Expiration = @Sendable (ContinuousClock.Instant) -> Void

    private let expirations = Mutex<(next: UInt64, entries: [UInt64: Expiration])>((0, [:]))

    /// Waits for `ticket`; at the deadline throws what `reason` makes while the work goes on.
    func value<Value>(
        of ticket: Ticket<Value>, until deadline: ContinuousClock.Instant,
        orThrow reason: @escaping @Sendable () -> ProfileError
    ) async throws(ProfileError) -> Value {
        let id = expirations.withLock { state in
            state.next += 1
            state.entries[state.next] = { ticket.expire(now: $0, reason) }
            return state.next
        }
        defer { expirations.withLock { _ = $0.entries.removeValue(forKey: id) } }
        return try await ticket.value(until: deadline)
    }

    /// Ends every wait whose time has come.
    func expire(now: ContinuousClock.Instant) {
        for expire in expirations.withLock({ Array($0.entries.values) }) { expire(now) }
    }
}
