import HoldfastStorage

extension Session {
    /// Gives up this handle and, if it is the last one, all that was not saved; then releases the record.
    ///
    /// What is durable stays, a save that is under way included. The document goes back to ``lastSaved``; operations
    /// that were applied and not saved come again in the next session; what the edits were to deliver is not delivered.
    /// Leaving hooks run, and what they edit is given up, too. Where others have the profile open here, or have closed
    /// it and are not saved yet, nothing is given up, since their changes cannot be told from this handle's.
    ///
    /// - Throws: ``ProfileError``: `outcomeUnknown` when a save that is under way was not answered in time; the session
    ///   then stays open, and the close is tried again, with a save.
    public func closeWithoutSaving(timeout: Duration? = nil) async throws(ProfileError) {
        let isLast = state.withLock { state in dropHandle(&state) }
        guard !isFallback else { return endFallback(.closed) }
        guard isLast else { return }
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.saveTimeout)
        try await finishByCaller(until: deadline, saving: false)
    }

    /// Leaves nothing to save; the caller holds the slot, and edits are refused already.
    func forgetChanges() {
        let template = codec.template(key)
        withoutEdits { state in
            let before = state.document
            state.document = state.saved ?? template
            state.userIDs = state.storedBeside.userIDs
            state.metadata = state.storedBeside.metadata
            state.outbox = []
            // They are for the next session, or for this one where it cannot be released now.
            state.known.subtract(state.unsettled.all.map(\.id))
            state.unsettled = UnsettledOperations()
            note(.init(.revert), before: before, in: &state)
            state.machine.saved(upTo: state.machine.changes, began: .now)
        }
    }
}
