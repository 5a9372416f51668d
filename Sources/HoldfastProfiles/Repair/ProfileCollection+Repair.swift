import HoldfastCoordination
public import HoldfastStorage

extension ProfileCollection {
    /// Looks at all stored bytes of a profile, without a lease.
    ///
    /// - Throws: ``ProfileError`` as ``RecordDamage/look(at:in:)``.
    public func damage(of key: Key) async throws(ProfileError) -> RecordDamage {
        try await RecordDamage.look(at: RecordID(collection: name, key: key), in: host.store)
    }

    /// Makes a damaged profile readable again, durably and under its lease; the damaged bytes are kept.
    ///
    /// A damaged document is replaced by the copy that Redis has of the same save, else by the newest kept version that
    /// can be read; its bytes go into the history with the reason `quarantine`, unless that keeps a copy of this
    /// version already. Damaged parts are removed where that is asked for, each with its bytes kept: see
    /// ``RepairReceipt/quarantineLog(of:)``; a world's chunk is then generated anew. Damaged kept versions stay until
    /// their time is over. A profile that is sound stays as it is.
    ///
    /// - Parameters:
    ///   - droppingParts: Whether damaged parts are removed; otherwise they refuse the repair.
    ///   - timeout: Default ``CoordinatorConfiguration/openTimeout``.
    /// - Throws: ``ProfileError``: `held` while a session is live; `notFound` where nothing is saved; `corrupt` where
    ///   no version can be read, or parts are damaged and not to be removed: nothing was changed then; `fenced`,
    ///   `unavailable`, `outcomeUnknown`: repeat it.
    public func repair(
        _ key: Key, droppingParts: Bool = false, timeout: Duration? = nil
    ) async throws(ProfileError) -> RepairReceipt {
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.openTimeout)
        try await readiness.wait(until: deadline)
        let id = RecordID(collection: name, key: key)
        let ticket = Ticket<RepairReceipt>()
        let submitted = host.jobs.submit {
            let result = await self.host.diagnostics.result(
                of: .session("repair", of: id)
            ) { await self.repaired(id, droppingParts: droppingParts, until: deadline) }
            ticket.resolve(result)
        }
        guard submitted else { throw ProfileError(.notReady, "the coordinator has stopped", record: id) }
        return try await host.waits.value(of: ticket, until: deadline + .milliseconds(500)) {
            ProfileError(.outcomeUnknown, "the repair has not been answered in time; look at the record", record: id)
        }
    }

    private func repaired(
        _ id: RecordID, droppingParts: Bool, until deadline: ContinuousClock.Instant
    ) async -> Result<RepairReceipt, ProfileError> {
        let nonce = RandomID.random()
        restoring.withLock { _ = $0.insert(nonce) }
        defer { restoring.withLock { _ = $0.remove(nonce) } }
        let claimed: Claimed
        do throws(ClaimError) {
            claimed = try await host.claimer.claim(
                id, nonce: nonce, deadline: deadline, waits: false,
                isAbandoned: { [readiness] in readiness.isDraining },
                knowsNonce: { [self] in knows($0, of: id.key) })
        } catch {
            return .failure(ProfileError(error, record: id, waited: false))
        }
        let result = await repair(claimed, id, nonce: nonce, droppingParts: droppingParts, until: deadline)
        await host.claimer.giveBack(LeaseClaim(id: id, nonce: nonce))
        return result
    }

    private func repair(
        _ claimed: Claimed, _ id: RecordID, nonce: RandomID, droppingParts: Bool,
        until deadline: ContinuousClock.Instant
    ) async -> Result<RepairReceipt, ProfileError> {
        do throws(ProfileError) {
            guard let current = claimed.content else {
                throw ProfileError(.notFound, "there is no such record", record: id)
            }
            var receipt = RepairReceipt(version: claimed.record.version)
            let damage = try await RecordDamage.look(at: id, in: host.store)
            guard damage.parts.isEmpty || droppingParts else {
                let names = damage.parts.prefix(20).map(\.description).joined(separator: ", ")
                throw ProfileError(
                    .corrupt, "\(damage.parts.count) parts are damaged (\(names)), which have no history", record: id)
            }
            var content = current
            if damage.document != nil { content = try await soundContent(claimed, id, &receipt) }
            var batches = PartQuarantine.batches(try await parts(damage.parts, of: id))
            if batches.isEmpty {
                guard damage.document != nil else { return .success(receipt) }
                batches = [PartQuarantine.Batch()]
            }
            let log = RepairReceipt.quarantineLog(of: id)
            for (index, batch) in batches.enumerated() {
                let isFirst = index == 0
                var write = RecordWrite(
                    id: id, fence: claimed.token, nonce: nonce, version: receipt.version, saveID: .random(),
                    change: .content(content), releases: index == batches.count - 1,
                    keeps: isFirst && damage.document != nil
                        ? .always(reason: RecordDamage.quarantineReason) : .hourly)
                write.parts = batch.parts.map { PartWrite(name: $0, payload: nil) }
                let entries = log.map { [AppendRequest(log: $0, entries: batch.entries)] } ?? []
                try await settle(
                    CommitRequest(
                        writes: [write], entries: batch.entries.isEmpty ? [] : entries,
                        generation: claimed.record.generation), of: id, until: deadline)
                receipt.version += 1
                receipt.droppedParts += batch.parts
            }
            if damage.document != nil { receipt.quarantined = try await quarantined(claimed.record.version, of: id) }
            host.logger.notice("a damaged record was repaired", metadata: ["holdfast.record": "\(id)"])
            return .success(receipt)
        } catch {
            return .failure(error)
        }
    }

    /// The copy from Redis of the very same save, else the newest kept version that can be read.
    private func soundContent(
        _ claimed: Claimed, _ id: RecordID, _ receipt: inout RepairReceipt
    ) async throws(ProfileError) -> Content {
        if claimed.isHotCopy, let content = claimed.content, RecordDamage.problem(in: content) == nil {
            receipt.source = .hotCopy
            return content
        }
        let history = history(id.key)
        var before: Int64?
        while case let page = try await history.entries(before: before, limit: 100), let last = page.last {
            for entry in page {
                guard let kept = try await content(of: entry, id), RecordDamage.problem(in: kept) == nil,
                    (try? kept.payload.document()) != nil
                else { continue }
                receipt.source = .version(entry.version)
                receipt.undoneOperations = try await history.operationsApplied(
                    after: RecordVersion(
                        version: entry.version, content: kept, writtenAtMillis: entry.updatedAtMillis, isExact: true))
                return kept
            }
            before = last.version
        }
        throw ProfileError(.corrupt, "no kept version can be read; the stored bytes were left as they are", record: id)
    }

    private func content(of entry: HistoryEntry, _ id: RecordID) async throws(ProfileError) -> Content? {
        do {
            return try await host.store.historyContent(of: id, version: entry.version)
        } catch {
            guard error.code != .corrupt else { return nil }
            throw ProfileError(error, record: id)
        }
    }

    private func parts(_ names: [PartName], of id: RecordID) async throws(ProfileError) -> [Part] {
        var parts: [Part] = []
        do {
            for start in stride(from: 0, to: names.count, by: DurableStoreLimits.page) {
                let asked = Array(names[start...].prefix(DurableStoreLimits.page))
                parts += try await host.store.parts(of: id, names: asked).compactMap { $0 }
            }
        } catch {
            throw ProfileError(error, record: id)
        }
        return parts
    }

    /// The version, where the history keeps its damaged bytes; an older copy of the same version stays instead.
    private func quarantined(_ version: Int64, of id: RecordID) async throws(ProfileError) -> Int64? {
        let entry = try await history(id.key).entries(before: version + 1, limit: 1).first
        return entry.flatMap { $0.version == version && $0.reason == RecordDamage.quarantineReason ? version : nil }
    }

    private func settle(
        _ request: CommitRequest, of id: RecordID, until deadline: ContinuousClock.Instant
    ) async throws(ProfileError) {
        switch await Settler(host: host).settle(request, until: deadline, overdue: { _ in }) {
        case .committed: return
        case .refused(let refusals):
            let code: ProfileError.Code = refusals[0].wasAmbiguous ? .outcomeUnknown : .fenced
            throw ProfileError(code, "another session took the record during the repair", record: id)
        case .failed(let error): throw ProfileError(error, record: id)
        }
    }
}
