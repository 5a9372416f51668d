import Synchronization

/// A result that background work will bring, awaited by any number of callers with a deadline each.
///
/// Deadlines are kept by the coordinator's tick (``expire(now:_:)``), so that a wait costs no timer of its own. A
/// caller that is cancelled or out of time leaves; the work goes on.
final class Ticket<Value: Sendable>: Sendable {
    /// Unsafe, since a save waits here: leaving `waiters` is what entitles to the one resume.
    private struct Waiter {
        let continuation: UnsafeContinuation<Result<Value, ProfileError>, Never>
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var result: Result<Value, ProfileError>?
        var waiters: [UInt64: Waiter] = [:]
        var cancelled: Set<UInt64> = []
        /// Callers on their way into a wait.
        var arriving = 0
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Brings the result; later calls do nothing.
    ///
    /// Returns how many callers get it.
    @discardableResult
    func resolve(_ result: Result<Value, ProfileError>) -> Int {
        let (waiters, arriving) = state.withLock { state in
            guard state.result == nil else { return ([Waiter](), 0) }
            state.result = result
            defer { state.waiters = [:] }
            // Before the first wait, its maker is on the way to it.
            return (Array(state.waiters.values), state.arriving + (state.next == 0 ? 1 : 0))
        }
        for waiter in waiters { waiter.continuation.resume(returning: result) }
        return waiters.count + arriving
    }

    /// Whether everybody who waited has left.
    var isAbandoned: Bool {
        state.withLock { $0.next > 0 && $0.arriving == 0 && $0.waiters.isEmpty && $0.result == nil }
    }

    /// Waits for the result.
    func value(until deadline: ContinuousClock.Instant) async throws(ProfileError) -> Value {
        let id = state.withLock { state in
            state.next += 1
            state.arriving += 1
            return state.next
        }
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let early: Result<Value, ProfileError>? = state.withLock { state in
                    state.arriving -= 1
                    if let result = state.result { return result }
                    if state.cancelled.remove(id) != nil { return .failure(Self.cancellation) }
                    state.waiters[id] = Waiter(continuation: continuation, deadline: deadline)
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                if let waiter = state.waiters.removeValue(forKey: id) { return Optional(waiter) }
                // Cancelled before the wait began: leave word, unless the result is there already.
                if state.result == nil { state.cancelled.insert(id) }
                return nil
            }
            waiter?.continuation.resume(returning: .failure(Self.cancellation))
        }
        return try result.get()
    }

    /// Ends the waits whose time has come with the error that `reason` makes.
    func expire(now: ContinuousClock.Instant, _ reason: () -> ProfileError) {
        let expired = state.withLock { state in
            let ids = state.waiters.filter { $0.value.deadline <= now }.map(\.key)
            return ids.compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in expired { waiter.continuation.resume(returning: .failure(reason())) }
    }

    private static var cancellation: ProfileError {
        ProfileError(.cancelled, "the caller was cancelled; the work goes on")
    }
}
