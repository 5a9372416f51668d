public import HoldfastStorage

/// Work that was taken on by ``ProfileCollection/enqueue(_:priority:timeout:_:)``.
public struct EnqueuedWork: Sendable {
    /// The profile that it is for.
    public let record: RecordID
    let ticket: Ticket<Bool>
    let deadline: ContinuousClock.Instant
    let waits: WaitList

    /// Waits until the work is done and saved: durable.
    ///
    /// - Throws: ``ProfileError``: `deadline` when it had not begun by then, and never will; `outcomeUnknown` when it
    ///   had, and goes on; `cancelled` when it was discarded, or the caller was cancelled, which does not stop the
    ///   work; `shuttingDown`; otherwise what it met, with the work's own error as `underlying`.
    public func value() async throws(ProfileError) {
        _ = try await waits.value(of: ticket, until: deadline) { [record] in
            ProfileError(.outcomeUnknown, "the work has begun and was not done in time; it goes on", record: record)
        }
    }
}
