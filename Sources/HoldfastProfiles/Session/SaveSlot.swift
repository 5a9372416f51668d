import Synchronization

/// Gives out a session's one place to write, first come first served.
///
/// A save, a transaction, a re-acquired lease and a close each hold it from before they read the session's
/// version until the store's answer is known. Transactions take the slots of their sessions in the order of
/// the records, so that two of them never wait for each other.
final class SaveSlot: Sendable {
    private struct State {
        var isTaken = false
        var waiters: [CheckedContinuation<Void, Never>] = []

        mutating func takeIfFree() -> Bool {
            guard !isTaken else { return false }
            isTaken = true
            return true
        }
    }

    private let state = Mutex(State())

    /// Waits for the slot.
    ///
    /// Every holder ends with the store's answer or with the coordinator, so this wait ends too.
    func take() async {
        if takeIfFree() { return }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.takeIfFree() { return true }
                state.waiters.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Takes the slot without waiting; the usual case, which then costs no suspension.
    private func takeIfFree() -> Bool {
        state.withLock { $0.takeIfFree() }
    }

    /// Passes the slot to whoever waits longest.
    func give() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            if state.waiters.isEmpty {
                state.isTaken = false
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.resume()
    }
}
