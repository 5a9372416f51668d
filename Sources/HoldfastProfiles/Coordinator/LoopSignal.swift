import Synchronization

/// Lets anybody ask a loop for a round at once instead of on schedule.
final class LoopSignal: Sendable {
    private struct State {
        var isWanted = false
        /// The current wait is over, though its sleeper may not have lain down yet.
        var isOver = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Asks for a round now.
    func request() {
        let sleeper = state.withLock { state in
            state.isWanted = state.sleeper == nil
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }

    /// Waits for a request, a time or a cancellation, whichever is first.
    ///
    /// For one waiter at a time.
    func wait(until deadline: ContinuousClock.Instant) async {
        state.withLock { $0.isOver = false }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await withCheckedContinuation { continuation in
                    let resumeNow = self.state.withLock { state in
                        if state.isWanted || state.isOver {
                            state.isWanted = false
                            return true
                        }
                        state.sleeper = continuation
                        return false
                    }
                    if resumeNow { continuation.resume() }
                }
            }
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                self.wake()
            }
            await group.next()
            group.cancelAll()
            wake()
        }
    }

    private func wake() {
        let sleeper = state.withLock { state in
            state.isOver = true
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }
}
