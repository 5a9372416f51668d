import HoldfastCoordination
import HoldfastStorage

extension Session {
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
                case .sealed(let record) where record.generation != draft.generation:
                    await lose(.storeRestored, storeRestored())
                case .sealed:
                    let deadline = sentAt + host.configuration.lease - host.configuration.leaseMargin
                    state.withLock { $0.machine.resealed(token: token, leaseDeadline: deadline) }
                    host.metrics.reclaims.increment()
                case .stale(let row):
                    await loseStale(row, draft)
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

    /// The row is no longer this session's: another one took it, or the store was put back, which the row alone does
    /// not tell.
    private func loseStale(_ row: RowState, _ draft: Draft) async {
        if let store = try? await host.store.deployment(), store.generation != draft.generation {
            return await lose(.storeRestored, storeRestored())
        }
        let wentBack = row.fence < draft.token || row.version < draft.version
        await lose(wentBack ? .storeWentBack : .superseded, fenced())
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

    private func storeRestored() -> ProfileError {
        ProfileError(
            .storeRestored, "the store was restored since this session began; its last changes were not saved",
            record: id)
    }

    private func fenced() -> ProfileError {
        ProfileError(.fenced, "another session owns the record now; the last changes were not saved", record: id)
    }
}
