import HoldfastCoordination
import HoldfastStorage

extension Session {
    /// Saves (durable) and gives up this handle; the last one releases the record, too, and wakes who waits for it.
    ///
    /// - Throws: ``ProfileError``: `unavailable` or `outcomeUnknown` when the save could not be made in time: the
    ///   session then stays open and keeps its lease. Closing a session that is over already does nothing, unless it
    ///   was lost before its last changes were saved: then it throws what took it away, `fenced` as a rule. `dropped` as
    ///   ``save(timeout:)``; the handle is given up then.
    public func close(timeout: Duration? = nil) async throws(ProfileError) {
        let seen = droppedCount
        try await giveUpHandle(timeout: timeout)
        try checkDropped(since: seen)
    }

    /// Closes without a word of edits that were dropped: for callers who would not pass it on.
    func giveUpHandle(timeout: Duration? = nil) async throws(ProfileError) {
        let isLast = state.withLock { state in
            state.owedChanges = state.machine.changes
            return dropHandle(&state)
        }
        guard !isFallback else { return endFallback(.closed) }
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.saveTimeout)
        if isLast { try await finishByCaller(until: deadline) } else { try await saveForOthers(until: deadline) }
    }

    /// Counts one handle less; true when it was the last.
    ///
    /// A close that failed and is tried again has none left, and must not take that of the next open.
    func dropHandle(_ state: inout State) -> Bool {
        state.handles = max(0, state.handles - 1)
        watch(&state)
        return state.handles == 0
    }

    /// Saves for a handle that goes while others stay.
    private func saveForOthers(until deadline: ContinuousClock.Instant) async throws(ProfileError) {
        while !isEnded {
            do throws(ProfileError) {
                _ = try await requestSave(deadline: deadline).value(until: deadline)
                return
            } catch {
                // Somebody ends the session, and saves it thereby: that is waited for.
                guard error.code == .ended, ContinuousClock.now < deadline else { throw error }
                try? await waitForEnd(until: min(deadline, .now + .milliseconds(250)))
            }
        }
        try checkLoss()
    }

    /// Waits until the session is over.
    ///
    /// - Throws: ``ProfileError``: `deadline`, `cancelled`.
    func waitForEnd(until deadline: ContinuousClock.Instant) async throws(ProfileError) {
        _ = try await host.waits.value(of: ended, until: deadline) { [id] in
            ProfileError(.deadline, "the previous session was still being released", record: id)
        }
    }

    /// Nothing that was lost may pass for saved.
    private func checkLoss() throws(ProfileError) {
        let loss: ProfileError? = state.withLock { state in
            guard case .lost(let reason) = state.machine.end, state.machine.isChanged else { return nil }
            return state.loss
                ?? ProfileError(
                    .ended, "the session was lost (\(reason)) before its last changes were saved", record: id)
        }
        if let loss { throw loss }
    }

    func finishByCaller(until deadline: ContinuousClock.Instant, saving: Bool = true) async throws(ProfileError) {
        guard !isEnded else { return try checkLoss() }
        let ticket = Ticket<Bool>()
        let submitted = host.jobs.submit {
            do throws(ProfileError) {
                try await self.finish(.closed, until: deadline, saving: saving)
                ticket.resolve(.success(true))
            } catch {
                ticket.resolve(.failure(error))
            }
        }
        guard submitted else {
            throw ProfileError(.notReady, "the coordinator has stopped", record: id)
        }
        do throws(ProfileError) {
            _ = try await host.waits.value(of: ticket, until: deadline) { [id] in
                ProfileError(.outcomeUnknown, "the last save has not been answered in time; still asking", record: id)
            }
        } catch {
            // Saved; only the release takes longer, since Redis is away.
            guard error.code == .outcomeUnknown, isEnded else { throw error }
        }
        try checkLoss()
    }

    func finish(_ end: SessionEnd, until deadline: ContinuousClock.Instant) async throws(ProfileError) {
        try await finish(end, until: deadline, saving: true)
    }

    private func finish(
        _ end: SessionEnd, until deadline: ContinuousClock.Instant, saving: Bool
    ) async throws(ProfileError) {
        guard !isFallback else { return endFallback(end) }
        // A save that waits for the store's budget keeps the last one waiting.
        host.committer.hurry(id)
        defer { host.committer.stopHurrying(id) }
        var saves = saving
        while true {
            let begun: (begins: Bool, leaves: Bool, saves: Bool)? = withoutEdits { state in
                if end == .closed, state.handles > 0 { return nil }  // Opened again meanwhile.
                let leaves = !options.hooks.leaving.isEmpty && !state.hooks.hasLeft
                // What another handle was closed with is not this one's to give up.
                let saves = saving || state.machine.savedChanges < state.owedChanges
                return (state.machine.beginClosing(end, leaving: leaves), leaves, saves)
            }
            guard let begun else { return }
            if begun.begins {
                saves = begun.saves
                if begun.leaves { await runLeavingHooks(end, until: deadline) }
                withoutEdits { $0.machine.hasLeft() }
                break
            }
            // A transaction, or another way of ending, is under way: wait for it and look again.
            await slot.take()
            slot.give()
            if isEnded { return }
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                throw ProfileError(.busy, "the session was still in use at the deadline", record: id)
            }
            try? await Task.sleep(for: .milliseconds(1))
        }
        let began = ContinuousClock.now
        await slot.take()
        defer { slot.give() }
        guard !isEnded else { return }
        if saves { await pushGameState(until: deadline) } else { forgetChanges() }
        let written = await host.diagnostics.result(
            of: .session("close", of: id), since: began, outcome: { _ in end.word },
            { await write(releasing: true, until: deadline) })
        switch written {
        case .success:
            let hot = hotCopy()
            self.end(end)
            await giveUpLease(hot: hot)
            depart()
        case .failure(let error):
            // Does nothing where the answer has ended the session.
            state.withLock { $0.machine.resume() }
            throw error
        }
    }

    /// The stored document as the next server and readers will want it, if it is small enough to keep in Redis.
    private func hotCopy() -> HotCopy? {
        let draft = draft()
        guard let saveID = draft.saveID, let checksum = draft.checksum,
            let payload = try? codec.encode(draft.document, carrying: draft.carried, record: id).payload,
            payload.checksum == checksum, payload.bytes.count <= HotCopy.maximumBytes
        else { return nil }
        let (times, beside) = state.withLock { ($0.times, $0.storedBeside) }
        return HotCopy(
            reference: HotReference(version: draft.version, saveID: saveID, checksum: checksum), payload: payload.bytes,
            documentBytes: payload.documentBytes,
            facts: HotCopyFacts(
                confirmedAt: times.confirmedAt, schema: draft.carried.schema, fence: draft.token,
                userIDs: beside.userIDs, metadata: beside.metadata, createdAtMillis: times.createdAtMillis,
                updatedAtMillis: times.updatedAtMillis)
        )
    }

    /// Ends the session in memory: edits are refused from here on.
    func end(_ end: SessionEnd) {
        let (didEnd, waiting, watchers, fence, nonce) = state.withLock { state in
            let didEnd = state.machine.end(end)
            defer { state.nextSave = nil }
            let watchers = state.changeLog.takeWatchers()
            return (didEnd, state.nextSave, watchers, state.machine.token, state.machine.nonce)
        }
        guard didEnd else { return }
        for watcher in watchers { watcher.finish() }
        waiting?.resolve(.failure(ProfileError(.ended, "the session is over (\(end))", record: id)))
        guard !isFallback else { return }
        host.observer?.ended(id, fence: fence, nonce: nonce, end: end)
    }

    /// Leaves the coordinator, so that the record may be opened anew, and tells who waits for the end.
    func depart() {
        guard let end = state.withLock({ $0.machine.end }) else { return }
        onEnd(self)
        ended.resolve(.success(end))
        notify { hooks in
            if !hooks.knowsEnd { (hooks.end, hooks.knowsEnd) = (end, true) }
        }
    }

    /// Ends a session that was superseded.
    ///
    /// Its lease, if it is still this session's, only keeps others waiting.
    ///
    /// `error` is what a caller is told who still has changes in it.
    func lose(_ reason: SessionEnd.LossReason, _ error: ProfileError? = nil) async {
        state.withLock { if $0.machine.end == nil { $0.loss = error } }
        host.metrics.lost(reason)
        host.diagnostics.ended(.session("lose", of: id), outcome: reason.rawValue, isFailure: true)
        host.logger.warning(
            "session lost", metadata: ["holdfast.record": "\(id)", "holdfast.reason": "\(reason.rawValue)"]
        )
        end(.lost(reason))
        depart()
        await giveUpLease(hot: nil)
    }

    /// Leaves the hot copy, deletes the lease and tells who waits.
    ///
    /// A failure costs the next server one lease time.
    func giveUpLease(hot: HotCopy?) async {
        if let hot { try? await host.backend.putHotCopy(hot, for: claim) }
        await host.claimer.giveBack(claim)
    }

    /// A session whose last close failed, or whose opener has gone, has no handle left: the close is tried again, after
    /// the pause of what it met.
    func closeForgotten() {
        let notBefore = state.withLock { $0.failedCloses?.notBefore }
        let isTooEarly = notBefore.map { ContinuousClock.now < $0 } ?? false
        if isTooEarly || !host.jobs.submit({ await self.tryForgottenClose() }) {
            state.withLock { $0.isClosingForgotten = false }
        }
    }

    private func tryForgottenClose() async {
        let failure: ProfileError?
        do throws(ProfileError) {
            try await finish(.closed, until: .now + host.configuration.saveTimeout)
            failure = nil
        } catch {
            failure = error
            host.logger.warning(
                "a session that nobody has open could not be closed",
                metadata: ["holdfast.record": "\(id)", "holdfast.error": "\(error)"])
        }
        state.withLock { state in
            state.isClosingForgotten = false
            guard let failure else { return state.failedCloses = nil }
            let count = (state.failedCloses?.count ?? 0) + 1
            let pause = failure.code.retryPauses.pause(after: count, chance: .random(in: 0...1))
            state.failedCloses = (count, .now + pause)
        }
    }

    func stop() {
        end(.lost(.stopped))
        depart()
    }

    /// Nobody will come for this session: if it cannot be closed now, the tick tries again.
    func abandon() {
        state.withLock { state in
            state.wasHandedOut = true
            watch(&state)
        }
    }

    /// Counts one more open of this session; false when it is ending.
    func addHandle() -> Bool {
        state.withLock { state in
            switch state.machine.phase {
            case .open, .inTransaction:
                state.handles += 1
                state.wasHandedOut = true
                watch(&state)
                state.hooks.hasLeft = false
                return true
            case .leaving, .closing, .ended:
                return false
            }
        }
    }
}
