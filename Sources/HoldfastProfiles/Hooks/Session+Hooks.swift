import HoldfastStorage

/// What a session remembers of its collection's hooks.
struct HookState: Sendable {
    /// What ``Session/notify(_:)`` has not told yet: at most one receipt, and the end.
    var receipt: SaveReceipt?
    var end: SessionEnd?
    var isNotifying = false
    /// Whether the end was noted already.
    var knowsEnd = false
    /// Whether the joining hooks have run; true where there are none.
    var hasJoined = true
    /// Whether the leaving hooks ran since the last open; a last save that is tried again does not repeat them.
    var hasLeft = false
    /// Whether a hook that pushes the game's state is at work, or stalled.
    var isPushing = false
    /// When the game's state was last asked for.
    var pushedAt: ContinuousClock.Instant
}

extension Session {
    var hookRunner: HookRunner { HookRunner(record: id, host: host) }

    func runJoiningHooks(until deadline: ContinuousClock.Instant) async {
        for hook in options.hooks.joining {
            let limit = max(.milliseconds(10), min(options.hookTimeout, deadline - .now))
            await hookRunner.run(.joining, limit: limit) { try await hook(self) }
        }
        state.withLock { $0.hooks.hasJoined = true }
    }

    /// Runs while edits are still taken; leaves half of the time for the save.
    func runLeavingHooks(_ end: SessionEnd, until deadline: ContinuousClock.Instant) async {
        state.withLock { $0.hooks.hasLeft = true }
        for hook in options.hooks.leaving {
            let limit = max(.milliseconds(10), min(options.hookTimeout, (deadline - .now) / 2))
            await hookRunner.run(.leaving, limit: limit) { try await hook(self, end) }
        }
    }

    /// Lets the game put its state into the document that is about to be saved.
    ///
    /// Worked out on a copy and outside the session's lock, so that neither a slow hook nor one that never returns
    /// keeps the game from editing or a save from being made.
    func pushGameState(until deadline: ContinuousClock.Instant) async {
        let hooks = options.hooks.beforeSave
        guard !hooks.isEmpty else { return }
        let hasJoined = state.withLock { state in
            state.hooks.pushedAt = .now
            return state.hooks.hasJoined
        }
        // Before its joining hooks have run, the game may still hold what it was when the player was here last.
        guard hasJoined else { return }
        for _ in 0..<8 {
            let start: (document: Document, mark: UInt64)? = state.withLock { state in
                state.hooks.pushedAt = .now
                guard !state.hooks.isPushing else { return nil }
                state.hooks.isPushing = true
                return (state.document, state.machine.changes)
            }
            guard let start else {
                return hookRunner.report(
                    .beforeSave, ProfileError(.busy, "an earlier call has not returned yet", record: id))
            }
            let limit = max(.milliseconds(10), min(options.hookTimeout, (deadline - .now) / 2))
            let pushed = await hookRunner.runBlocking(.beforeSave, limit: limit) { () -> (Document, [any Error]) in
                defer { self.state.withLock { $0.hooks.isPushing = false } }
                return Self.push(into: start.document, hooks, self.codec.validate)
            }
            guard let pushed else { return }
            let isInTime = withoutEdits { state in
                guard state.machine.changes == start.mark else { return false }
                let before = state.document
                state.document = pushed.0
                note(.init(.hook), before: before, in: &state)
                state.machine.changed(now: .now)
                watch(&state)
                return true
            }
            guard isInTime else { continue }
            for error in pushed.1 { hookRunner.report(.beforeSave, error) }
            return
        }
        hookRunner.report(.beforeSave, ProfileError(.busy, "the document kept changing meanwhile", record: id))
    }

    /// Each hook is all or nothing.
    private static func push(
        into document: Document, _ hooks: [@Sendable (inout Document) throws -> Void],
        _ validate: @Sendable (Document) throws -> Void
    ) -> (Document, [any Error]) {
        var document = document
        var errors: [any Error] = []
        for hook in hooks {
            var copy = document
            do {
                try EditGuard.run { try hook(&copy) }
                try validate(copy)
                document = copy
            } catch {
                errors.append(error)
            }
        }
        return (document, errors)
    }

    /// Notes what hooks are to be told, and sees to it that they are.
    func notify(_ note: (inout HookState) -> Void) {
        guard !options.hooks.afterSave.isEmpty || !options.hooks.ended.isEmpty else { return }
        let starts = state.withLock { state in
            note(&state.hooks)
            defer { state.hooks.isNotifying = true }
            return !state.hooks.isNotifying
        }
        if starts, !host.jobs.submit({ await self.runNotifications() }) {
            state.withLock { $0.hooks.isNotifying = false }
        }
    }

    private func runNotifications() async {
        while true {
            let (receipt, end): (SaveReceipt?, SessionEnd?) = state.withLock { state in
                defer { (state.hooks.receipt, state.hooks.end) = (nil, nil) }
                state.hooks.isNotifying = state.hooks.receipt != nil || state.hooks.end != nil
                return (state.hooks.receipt, state.hooks.end)
            }
            if let receipt {
                for hook in options.hooks.afterSave {
                    await hookRunner.run(.afterSave, limit: options.hookTimeout) { try await hook(self, receipt) }
                }
            }
            if let end {
                for hook in options.hooks.ended {
                    await hookRunner.run(.ended, limit: options.hookTimeout) { try await hook(self, end) }
                }
            }
            if receipt == nil, end == nil { return }
        }
    }
}
