import HoldfastCoordination
import HoldfastStorage

extension Session {
    /// Saves (durable) and gives up this handle; the last one releases the record, too, and wakes who waits for it.
    ///
    /// - Throws: ``ProfileError``: `unavailable` or `outcomeUnknown` when the save could not be made in time: the
    ///   session then stays open and keeps its lease. Closing a session that is over already does nothing, unless it
    ///   was lost before its last changes were saved: then it throws what took it away, `fenced` as a rule.
    public func close(timeout: Duration? = nil) async throws(ProfileError) {
        let isLast = state.withLock { state in
            state.handles -= 1
            return state.handles <= 0
        }
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.saveTimeout)
        if isLast { try await finishByCaller(until: deadline) } else { try await saveForOthers(until: deadline) }
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
                _ = try? await ended.value(until: min(deadline, .now + .milliseconds(250)))
            }
        }
        try checkLoss()
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

    private func finishByCaller(until deadline: ContinuousClock.Instant) async throws(ProfileError) {
        guard !isEnded else { return try checkLoss() }
        let ticket = Ticket<Bool>()
        let submitted = host.jobs.submit {
            do throws(ProfileError) {
                try await self.finish(.closed, until: deadline)
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

    /// Deletes the record and ends the session; durable, and a tombstone that raises the fence stays.
    ///
    /// - Throws: ``ProfileError`` as ``save(timeout:)``.
    public func delete(timeout: Duration? = nil) async throws(ProfileError) {
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.saveTimeout)
        let ticket = Ticket<Bool>()
        let submitted = host.jobs.submit {
            let result = await self.writeTombstone(until: deadline)
            ticket.resolve(result.map { true })
        }
        guard submitted else {
            throw ProfileError(.notReady, "the coordinator has stopped", record: id)
        }
        _ = try await host.waits.value(of: ticket, until: deadline) { [id] in
            ProfileError(.outcomeUnknown, "the deletion has not been answered in time; still asking", record: id)
        }
    }

    private func writeTombstone(until deadline: ContinuousClock.Instant) async -> Result<Void, ProfileError> {
        await slot.take()
        defer { slot.give() }
        if let refusal = state.withLock({ $0.machine.refusal(of: "delete", record: id) }) { return .failure(refusal) }
        let draft = draft()
        let write = RecordWrite(
            id: id, fence: draft.token, nonce: draft.nonce, version: draft.version, saveID: .random(),
            change: .tombstone, releases: true
        )
        let scores = scores(of: nil, after: draft.version)
        let request = CommitRequest(writes: [write], projections: scores.submissions)
        switch await Settler(host: host).settle(request, until: deadline, overdue: { _ in }) {
        case .committed:
            projected(scores)
            end(.deleted)
            await giveUpLease(hot: nil)
            depart()
            return .success(())
        case .refused(let refusals):
            return .failure(await refused(write, refusals[0]))
        case .failed(let error):
            return .failure(ProfileError(error, record: id))
        }
    }

    /// Ends the session in memory: edits are refused from here on.
    func end(_ end: SessionEnd) {
        let (didEnd, waiting, fence, nonce) = state.withLock { state in
            let didEnd = state.machine.end(end)
            defer { state.nextSave = nil }
            return (didEnd, state.nextSave, state.machine.token, state.machine.nonce)
        }
        guard didEnd else { return }
        waiting?.resolve(.failure(ProfileError(.ended, "the session is over (\(end))", record: id)))
        host.observer?.ended(id, fence: fence, nonce: nonce, end: end)
    }

    /// Leaves the coordinator, so that the record may be opened anew, and tells who waits for the end.
    private func depart() {
        guard let end = state.withLock({ $0.machine.end }) else { return }
        onEnd(self)
        ended.resolve(.success(end))
    }

    /// Ends a session that was superseded.
    ///
    /// Its lease, if it is still this session's, only keeps others waiting.
    ///
    /// `error` is what a caller is told who still has changes in it.
    func lose(_ reason: SessionEnd.LossReason, _ error: ProfileError? = nil) async {
        state.withLock { if $0.machine.end == nil { $0.loss = error } }
        host.metrics.lost(reason)
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
    private func giveUpLease(hot: HotCopy?) async {
        if let hot { try? await host.backend.putHotCopy(hot, for: claim) }
        await host.claimer.giveBack(claim)
    }
}

extension Session: ManagedSession {
    var claim: LeaseClaim { LeaseClaim(id: id, nonce: nonce) }

    var isFinishing: Bool {
        state.withLock { if case .closing = $0.machine.phase { true } else { false } }
    }

    func describe(now: ContinuousClock.Instant) -> SessionDescription {
        let beatDeadline = host.membership.beatDeadline
        return state.withLock { state in
            SessionDescription(
                id: id, nonce: state.machine.nonce, token: state.machine.token, version: state.machine.version,
                state: state.machine.state(now: now, beatDeadline: beatDeadline),
                unsavedAge: state.machine.unsavedSince.map { now - $0 } ?? .zero,
                leaseMargin: state.machine.deadline(beatDeadline: beatDeadline) - now
            )
        }
    }

    func renewed(sentAt: ContinuousClock.Instant) {
        let deadline = sentAt + host.configuration.lease - host.configuration.leaseMargin
        state.withLock { $0.machine.renewed(until: deadline) }
    }

    func reclaim() async {
        guard beginMendingLease() else { return }
        defer { state.withLock { $0.isMendingLease = false } }
        await slot.take()
        defer { slot.give() }
        let draft = draft()
        guard !isEnded else { return }
        let sentAt = ContinuousClock.now
        let owner = host.identity.owner(nonce: draft.nonce)
        let reply = try? await host.backend.acquire(
            AcquireRequest(
                id: id, owner: owner, lease: host.configuration.lease, floor: draft.token, asksForHandOver: false
            )
        )
        guard let reply else { return }  // Redis is away: the next renewal tries again.
        guard case .acquired(let token, _, _) = reply else {
            await tryLastSave(then: .leaseTaken)
            return
        }
        let seal = SealRequest(
            id: id, token: token, owner: owner, condition: .stillMine(fence: draft.token, version: draft.version)
        )
        // Repeated until the store answers: a token that may have been sealed must be known before the next save.
        var mayBeSealed = false
        while !isEnded, !Task.isCancelled {
            do throws(StoreError) {
                switch try await host.committer.seal(seal, timeout: host.configuration.saveTimeout) {
                case .sealed:
                    let deadline = sentAt + host.configuration.lease - host.configuration.leaseMargin
                    state.withLock { $0.machine.resealed(token: token, leaseDeadline: deadline) }
                    host.metrics.reclaims.increment()
                case .stale(let row):
                    let wentBack = row.fence < draft.token || row.version < draft.version
                    await lose(wentBack ? .storeWentBack : .superseded, fenced())
                }
                return
            } catch {
                guard error.isRetriable else {
                    if mayBeSealed { await lose(.superseded, fenced()) }
                    return
                }
                mayBeSealed = mayBeSealed || error.isAmbiguous
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Renewals go on finding what an unanswered save keeps from being mended; one answer at a time is enough.
    private func beginMendingLease() -> Bool {
        state.withLock { state in
            defer { state.isMendingLease = true }
            return !state.isMendingLease
        }
    }

    func leaseTaken() async {
        guard beginMendingLease() else { return }
        defer { state.withLock { $0.isMendingLease = false } }
        await slot.take()
        defer { slot.give() }
        guard !isEnded else { return }
        await tryLastSave(then: .leaseTaken)
    }

    /// The lease is gone, but only the store says whether the record is: what is unsaved is offered once more, under
    /// the fence that it was made under.
    private func tryLastSave(then reason: SessionEnd.LossReason) async {
        var error = fenced()
        if state.withLock({ $0.machine.isChanged }) {
            let result = await write(releasing: true, until: .now + host.configuration.saveTimeout)
            if case .failure(let failure) = result { error = failure }
        }
        await lose(reason, error)
    }

    private func fenced() -> ProfileError {
        ProfileError(.fenced, "another session owns the record now; the last changes were not saved", record: id)
    }

    func finish(_ end: SessionEnd, until deadline: ContinuousClock.Instant) async throws(ProfileError) {
        while true {
            let begins: Bool? = state.withLock { state in
                if end == .closed, state.handles > 0 { return nil }  // Opened again meanwhile.
                return state.machine.beginClosing(end)
            }
            guard let begins else { return }
            if begins { break }
            // A transaction, or another way of ending, is under way: wait for it and look again.
            await slot.take()
            slot.give()
            if isEnded { return }
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                throw ProfileError(.busy, "the session was still in use at the deadline", record: id)
            }
            try? await Task.sleep(for: .milliseconds(1))
        }
        await slot.take()
        defer { slot.give() }
        guard !isEnded else { return }
        switch await write(releasing: true, until: deadline) {
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

    /// The stored document as the next server will want it, if it is small enough to keep in Redis.
    private func hotCopy() -> HotCopy? {
        let draft = draft()
        guard let saveID = draft.saveID, let checksum = draft.checksum,
            let payload = try? codec.encode(draft.document, carrying: draft.carried, record: id).payload,
            payload.checksum == checksum, payload.bytes.count <= HotCopy.maximumBytes
        else { return nil }
        return HotCopy(
            reference: HotReference(version: draft.version, saveID: saveID, checksum: checksum), payload: payload.bytes,
            documentBytes: payload.documentBytes
        )
    }

    func tick(now: ContinuousClock.Instant) {
        let beatDeadline = host.membership.beatDeadline
        let (due, isForgotten, waiting, running) = state.withLock { state in
            let isDoubtful = state.machine.state(now: now, beatDeadline: beatDeadline) == .doubtful
            let limit = isDoubtful ? Duration.zero : host.configuration.autosave
            let isDue =
                state.machine.phase == .open && state.nextSave == nil && state.runningSave == nil
                && state.machine.unsavedSince.map { now - $0 >= limit } ?? false
            // A fresh session has no handle either, until its opener has come for it.
            let isForgotten =
                state.handles <= 0 && state.wasHandedOut && state.machine.phase == .open && !state.isClosingForgotten
            if isForgotten { state.isClosingForgotten = true }
            return (isDue, isForgotten, state.nextSave, state.runningSave)
        }
        waiting?.expire(now: now) {
            ProfileError(.unavailable, "the save could not begin in time; it stays planned", record: id)
        }
        running?.expire(now: now) {
            ProfileError(.outcomeUnknown, "the store has not answered in time; still asking", record: id)
        }
        ended.expire(now: now) {
            ProfileError(.deadline, "the previous session was still being released", record: id)
        }
        if due { requestSave() }
        if isForgotten { closeForgotten() }
    }

    /// A session whose last close failed, or whose opener has gone, has no handle left: the close is tried again.
    private func closeForgotten() {
        let submitted = host.jobs.submit {
            try? await self.finish(.closed, until: .now + self.host.configuration.saveTimeout)
            self.state.withLock { $0.isClosingForgotten = false }
        }
        if !submitted { state.withLock { $0.isClosingForgotten = false } }
    }

    func stop() {
        end(.lost(.stopped))
        depart()
    }

    /// Nobody will come for this session: if it cannot be closed now, the tick tries again.
    func abandon() {
        state.withLock { $0.wasHandedOut = true }
    }

    /// Counts one more open of this session; false when it is ending.
    func addHandle() -> Bool {
        state.withLock { state in
            switch state.machine.phase {
            case .open, .inTransaction:
                state.handles += 1
                state.wasHandedOut = true
                return true
            case .closing, .ended:
                return false
            }
        }
    }
}
