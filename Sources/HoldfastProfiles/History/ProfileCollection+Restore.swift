import HoldfastCoordination
public import HoldfastStorage

extension ProfileCollection {
    /// Brings back a version of a profile, durably, as a new version of its own; what it replaces is kept.
    ///
    /// Takes the lease for it, also of a profile that was deleted or whose stored bytes are damaged. Document, people
    /// and metadata go back together; parts stay as they are. Operations that are pending are applied at the next open.
    /// Receipts stay: see ``RestoreReceipt/undoneOperations``. Boards follow with the profile's next save.
    ///
    /// - Parameters:
    ///   - takesOver: Whether a live holder is asked to save and hand over; otherwise it is refused while one lives.
    ///   - timeout: Default ``CoordinatorConfiguration/openTimeout``.
    /// - Throws: ``ProfileError``: `held` while a session is live; `notFound` as ``RecordHistory/find(_:)``; `badInput`
    ///   where it is what the record holds already; `corrupt` when the kept bytes are damaged; `fenced` when another
    ///   session took the record meanwhile; `unavailable`, `outcomeUnknown`.
    public func restore(
        _ key: Key, to selection: VersionSelection, takesOver: Bool = false, timeout: Duration? = nil
    ) async throws(ProfileError) -> RestoreReceipt {
        try await restore(key, parts: nil, takesOver: takesOver, timeout: timeout) { history throws(ProfileError) in
            try await history.find(selection)
        }
    }

    /// - Parameter parts: What takes the place of the record's parts; nil leaves those as they are.
    func restore(
        _ key: Key, parts: [Part]?, takesOver: Bool, timeout: Duration?,
        find: @escaping @Sendable (RecordHistory) async throws(ProfileError) -> RecordVersion
    ) async throws(ProfileError) -> RestoreReceipt {
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.openTimeout)
        try await readiness.wait(until: deadline)
        let id = RecordID(collection: name, key: key)
        let ticket = Ticket<RestoreReceipt>()
        let submitted = host.jobs.submit {
            let result = await self.host.diagnostics.result(
                of: .session("restore", of: id)
            ) { await self.restored(id, parts, takesOver: takesOver, until: deadline, find) }
            ticket.resolve(result)
        }
        guard submitted else { throw ProfileError(.notReady, "the coordinator has stopped", record: id) }
        return try await host.waits.value(of: ticket, until: deadline + .milliseconds(500)) {
            ProfileError(.outcomeUnknown, "the restore has not been answered in time; look at the record", record: id)
        }
    }

    private func restored(
        _ id: RecordID, _ parts: [Part]?, takesOver: Bool, until deadline: ContinuousClock.Instant,
        _ find: @Sendable (RecordHistory) async throws(ProfileError) -> RecordVersion
    ) async -> Result<RestoreReceipt, ProfileError> {
        let nonce = RandomID.random()
        restoring.withLock { _ = $0.insert(nonce) }
        defer { restoring.withLock { _ = $0.remove(nonce) } }
        let claimed: Claimed
        do throws(ClaimError) {
            claimed = try await host.claimer.claim(
                id, nonce: nonce, deadline: deadline, waits: takesOver,
                isAbandoned: { [readiness] in readiness.isDraining },
                knowsNonce: { [self] in knows($0, of: id.key) })
        } catch {
            return .failure(ProfileError(error, record: id, waited: takesOver))
        }
        let result = await write(over: claimed, id, parts, nonce: nonce, until: deadline, find)
        await host.claimer.giveBack(LeaseClaim(id: id, nonce: nonce))
        return result
    }

    /// Chooses the version under the lease, so that nothing is saved or applied after the choice.
    private func write(
        over claimed: Claimed, _ id: RecordID, _ parts: [Part]?, nonce: RandomID,
        until deadline: ContinuousClock.Instant,
        _ find: @Sendable (RecordHistory) async throws(ProfileError) -> RecordVersion
    ) async -> Result<RestoreReceipt, ProfileError> {
        let old: RecordVersion
        let undone: [OperationID]
        let changes: [PartWrite]
        do throws(ProfileError) {
            let history = history(id.key)
            old = try await find(history)
            guard claimed.content != old.content || old.version != claimed.record.version else {
                throw ProfileError(.badInput, "version \(old.version) is what the record holds already", record: id)
            }
            _ = try old.document(of: id)
            undone = try await history.operationsApplied(after: old)
            changes = try await partChanges(of: id, to: parts)
        } catch {
            return .failure(error)
        }
        let write = RecordWrite(
            id: id, fence: claimed.token, nonce: nonce, version: claimed.record.version, saveID: .random(),
            change: .content(old.content), releases: true, parts: changes,
            keeps: .always(reason: "before restoring \(old.version)"))
        let request = CommitRequest(writes: [write], generation: claimed.record.generation)
        switch await Settler(host: host).settle(request, until: deadline, overdue: { _ in }) {
        case .committed:
            return .success(
                RestoreReceipt(
                    restored: old.version, version: claimed.record.version + 1,
                    replaced: claimed.content == nil ? nil : claimed.record.version, undoneOperations: undone))
        case .refused(let refusals):
            if refusals[0].verdict == .storeRestored, !refusals[0].wasAmbiguous {
                return .failure(ProfileError(.storeRestored, "the store itself was restored meanwhile", record: id))
            }
            let code: ProfileError.Code = refusals[0].wasAmbiguous ? .outcomeUnknown : .fenced
            return .failure(ProfileError(code, "another session took the record during the restore", record: id))
        case .failed(let error):
            return .failure(ProfileError(error, record: id))
        }
    }

    /// What brings the parts of a record back; first keeps what it has as a copy, since its history keeps no parts.
    private func partChanges(of id: RecordID, to parts: [Part]?) async throws(ProfileError) -> [PartWrite] {
        guard let parts else { return [] }
        do {
            let current = try await host.store.whole(id)
            let changes = PartWrite.changes(from: current?.parts ?? [], to: parts)
            if let current, !changes.isEmpty { _ = try await host.backupVault.add(current, keep: nil) }
            return changes
        } catch {
            throw ProfileError(ofCopies: error, id)
        }
    }
}
