import Synchronization

/// Where reads of one queue in one process wait for items, without a connection of their own.
///
/// Turns come from hints and, in case those are lost, from a slow poll that all who wait share.
final class WaitRoom: Sendable {
    private struct State {
        var line = WaitLine()
        var continuations: [WaitLine.ID: CheckedContinuation<Bool, Never>] = [:]
        /// Those whose time is over, or who were cancelled, before they waited.
        var ended: Set<WaitLine.ID> = []
        var lastID: WaitLine.ID = 0
        var lastLook = ContinuousClock.now
        var isListening = false
    }

    /// A process looks at a queue by itself after so long.
    private static let poll = 1.0...3.0
    /// A poll is left out when somebody looked so short a time ago.
    private static let pollGap = Duration.milliseconds(900)

    private let state = Mutex(State())
    /// Starts listening to hints.
    private let listen: @Sendable () -> Void

    init(listen: @escaping @Sendable () -> Void) {
        self.listen = listen
    }

    /// Whether nobody waits.
    var isIdle: Bool { state.withLock { $0.line.isEmpty } }

    /// Somebody comes who will look now and, finding nothing, wait.
    func join() -> WaitLine.ID {
        let (id, isFirst) = state.withLock { state in
            state.lastID += 1
            state.line.join(state.lastID)
            defer { state.isListening = true }
            return (state.lastID, !state.isListening)
        }
        if isFirst { listen() }
        return id
    }

    /// Says what a look found.
    func finish(_ id: WaitLine.ID, _ outcome: WaitLine.Outcome) {
        let resumed = state.withLock { state in
            state.lastLook = .now
            return Self.give(state.line.finish(id, outcome), &state)
        }
        resumed?.resume(returning: true)
    }

    /// Waits for a turn to look; false when the deadline has passed or the task was cancelled.
    func turn(_ id: WaitLine.ID, until deadline: ContinuousClock.Instant) async -> Bool {
        async let _: Void = keepTime(id, until: deadline)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.ended.remove(id) != nil { return false }
                    if state.line.looking == id { return true }
                    state.continuations[id] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            end(id)
        }
    }

    /// Leaves without a turn, or with one that it does not use.
    func leave(_ id: WaitLine.ID) {
        let resumed = state.withLock { state in
            state.ended.remove(id)
            return Self.give(state.line.leave(id), &state)
        }
        resumed?.resume(returning: true)
    }

    /// There may be something; false when nobody here wants it.
    @discardableResult
    func wake() -> Bool {
        let (wake, resumed) = state.withLock { state in
            let wake = state.line.wake()
            guard case .turn(let id) = wake else { return (wake, CheckedContinuation<Bool, Never>?.none) }
            return (wake, Self.give(id, &state))
        }
        resumed?.resume(returning: true)
        return wake != .unwanted
    }

    /// Ends listening unless somebody waits; true when it has ended.
    func stopListening() -> Bool {
        state.withLock { state in
            guard state.line.isEmpty else { return false }
            state.isListening = false
            return true
        }
    }

    private static func give(_ id: WaitLine.ID?, _ state: inout State) -> CheckedContinuation<Bool, Never>? {
        guard let id else { return nil }
        // Nil where it has not begun to wait: it then finds its turn.
        return state.continuations.removeValue(forKey: id)
    }

    private func keepTime(_ id: WaitLine.ID, until deadline: ContinuousClock.Instant) async {
        while true {
            let next = ContinuousClock.now + .seconds(Double.random(in: Self.poll))
            guard (try? await Task.sleep(until: min(next, deadline), clock: .continuous)) != nil else { return }
            if next >= deadline { return end(id) }
            if state.withLock({ ContinuousClock.now - $0.lastLook >= Self.pollGap }) { wake() }
        }
    }

    private func end(_ id: WaitLine.ID) {
        let continuation: CheckedContinuation<Bool, Never>? = state.withLock { state in
            if let continuation = state.continuations.removeValue(forKey: id) { return continuation }
            // It has its turn, or has not begun to wait.
            if state.line.looking != id { state.ended.insert(id) }
            return nil
        }
        continuation?.resume(returning: false)
    }
}
