import HoldfastCoordination
import HoldfastStorage

extension Session: ManagedSession {
    var claim: LeaseClaim { LeaseClaim(id: id, nonce: nonce) }

    var isFinishing: Bool {
        state.withLock { state in
            switch state.machine.phase {
            case .leaving, .closing: true
            default: false
            }
        }
    }

    func describe(now: ContinuousClock.Instant) -> SessionDescription {
        let beatDeadline = host.membership.beatDeadline
        return state.withLock { state in
            SessionDescription(
                id: id, nonce: state.machine.nonce, token: state.machine.token, version: state.machine.version,
                state: shownState(state.machine, now: now),
                unsavedAge: isFallback ? .zero : state.machine.unsavedSince.map { now - $0 } ?? .zero,
                leaseMargin: state.machine.deadline(beatDeadline: beatDeadline) - now
            )
        }
    }

    /// What was dropped is news for the game, not for the operator.
    func saveNow() async throws(ProfileError) {
        let deadline = ContinuousClock.now + host.configuration.saveTimeout
        _ = try await requestSave(deadline: deadline).value(until: deadline)
    }

    func tick(now: ContinuousClock.Instant) {
        let beatDeadline = host.membership.beatDeadline
        let pushes = !options.hooks.beforeSave.isEmpty
        let isFallback = isFallback
        let (due, isForgotten, waiting, running) = state.withLock { state in
            let isDoubtful = state.machine.state(now: now, beatDeadline: beatDeadline) == .doubtful
            let interval = isDoubtful ? Duration.zero : host.configuration.autosave
            let isDue =
                !isFallback && state.machine.phase == .open && state.nextSave == nil && state.runningSave == nil
                && (state.machine.unsavedSince.map { state.pace.isDue(since: $0, interval: interval, now: now) }
                    ?? false
                    || pushes && state.pace.isDue(since: state.hooks.pushedAt, interval: interval, now: now))
            // A fresh session has no handle either, until its opener has come for it.
            let isForgotten =
                state.handles <= 0 && state.wasHandedOut && state.machine.phase == .open && !state.isClosingForgotten
            if isForgotten { state.isClosingForgotten = true }
            watchOrLeave(&state)
            return (isDue, isForgotten, state.nextSave, state.runningSave)
        }
        waiting?.expire(now: now) {
            ProfileError(.unavailable, "the save could not begin in time; it stays planned", record: id)
        }
        running?.expire(now: now) {
            ProfileError(.outcomeUnknown, "the store has not answered in time; still asking", record: id)
        }
        if due { requestSave() }
        hintDueOperations(now: now)
        if isForgotten { closeForgotten() }
    }
}

extension Session {
    /// Has the coordinator's tick look at this session, since something is planned; the caller holds the state.
    func watch(_ state: inout State) {
        guard !state.isWatched else { return }
        state.isWatched = true
        host.watched.add(self)
    }

    /// Goes on being looked at, or not.
    private func watchOrLeave(_ state: inout State) {
        let isOpen = state.machine.end == nil
        let mayBeSaved = !isFallback && (state.machine.unsavedSince != nil || !options.hooks.beforeSave.isEmpty)
        let isForgotten = state.handles <= 0 && state.wasHandedOut
        let needsTick =
            state.nextSave != nil || state.runningSave != nil
            || isOpen && (mayBeSaved || isForgotten || state.operationsDue != nil)
        if needsTick { return watch(&state) }
        guard state.isWatched else { return }
        state.isWatched = false
        host.watched.remove(self)
    }
}
