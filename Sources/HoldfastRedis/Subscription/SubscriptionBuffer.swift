import DequeModule
import Synchronization

/// The events that one subscriber has not read yet: bounded, the oldest give way.
final class SubscriptionBuffer: Sendable {
    private struct State {
        var events: Deque<RedisSubscription.Event> = []
        var reader: CheckedContinuation<RedisSubscription.Event?, Never>?
        var isFinished = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// Adds an event and returns how many were dropped for it.
    func yield(_ event: RedisSubscription.Event) -> Int {
        let (reader, dropped) = state.withLock { state in
            guard !state.isFinished else { return (CheckedContinuation<RedisSubscription.Event?, Never>?.none, 0) }
            if let reader = state.reader {
                state.reader = nil
                return (reader, 0)
            }
            state.events.append(event)
            guard state.events.count > limit else { return (nil, 0) }
            // The first event left tells that others stood before it.
            let isMarked = state.events.first == .overflow
            state.events.removeFirst(2)
            state.events.prepend(.overflow)
            return (nil, isMarked ? 1 : 2)
        }
        reader?.resume(returning: event)
        return dropped
    }

    /// Lets the reader have what is left, then nil.
    func finish() {
        let reader = state.withLock { state in
            state.isFinished = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }

    /// Waits for an event; nil at the end, or when the task is cancelled.
    func next() async -> RedisSubscription.Event? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (event, isNow) = state.withLock { state -> (RedisSubscription.Event?, Bool) in
                    if let event = state.events.popFirst() { return (event, true) }
                    // The flag is set before the cancellation handler takes the lock, so one of us sees the other.
                    if state.isFinished || Task.isCancelled || state.reader != nil { return (nil, true) }
                    state.reader = continuation
                    return (nil, false)
                }
                if isNow { continuation.resume(returning: event) }
            }
        } onCancel: {
            let reader = state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: nil)
        }
    }
}
