/// Those who wait for the reader.
extension AnnouncementChannel {
    /// Wakes everybody who waits.
    func finishRound() {
        let waiters = state.withLock { state in
            state.rounds += 1
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until the reader's rounds go beyond `round`, until the end or until cancelled.
    func waitForRound(after round: Int) async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNow = state.withLock { state in
                    // The flag is set before the cancellation handler takes the lock, so one of us sees the other.
                    if state.rounds > round || state.isEnded || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isNow { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
