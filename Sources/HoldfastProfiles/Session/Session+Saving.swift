import HoldfastStorage

extension Session {
    /// Saves now and returns once the store has it: durable, and so the checkpoint for what must not be lost.
    ///
    /// Edits made before the call are part of the save. An unchanged document is not written again. Saves of one
    /// session never overlap; callers that come while one runs share the next.
    ///
    /// - Parameter timeout: Default ``CoordinatorConfiguration/saveTimeout``.
    /// - Throws: ``ProfileError``: `fenced` when the session was superseded, `storeRestored` when the store was put back
    ///   from a backup since the open, `unavailable` when the store cannot be reached (the change stays in memory and is
    ///   tried again on schedule), `outcomeUnknown` when no answer came in time (the session goes on asking), `badInput`
    ///   for a document that cannot be stored, `ended`, `fallback`; `dropped` where edits went with an operation that
    ///   was cancelled or expired elsewhere: the rest is saved.
    @discardableResult
    public func save(timeout: Duration? = nil) async throws(ProfileError) -> SaveReceipt {
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.saveTimeout)
        let seen = droppedCount
        let receipt = try await requestSave(deadline: deadline).value(until: deadline)
        try checkDropped(since: seen)
        return receipt
    }

    /// Joins the save that has not begun yet, or starts one.
    @discardableResult
    func requestSave(deadline: ContinuousClock.Instant? = nil) -> Ticket<SaveReceipt> {
        if let refusal = fallbackRefusal(of: "save") {
            let ticket = Ticket<SaveReceipt>()
            ticket.resolve(.failure(refusal))
            return ticket
        }
        let (ticket, isNew): (Ticket<SaveReceipt>, Bool) = state.withLock { state in
            if let waiting = state.nextSave { return (waiting, false) }
            let ticket = Ticket<SaveReceipt>()
            state.nextSave = ticket
            watch(&state)
            return (ticket, true)
        }
        if isNew, !host.jobs.submit({ await self.runSave(ticket) }) {
            ticket.resolve(.failure(ProfileError(.notReady, "the coordinator has stopped", record: id)))
        }
        return ticket
    }

    private func runSave(_ ticket: Ticket<SaveReceipt>) async {
        let began = ContinuousClock.now
        await slot.take()
        defer { slot.give() }
        let refusal = state.withLock { state in
            state.nextSave = nil
            state.runningSave = ticket
            return state.machine.refusal(of: "save", record: id)
        }
        let result: Result<SaveReceipt, ProfileError>
        if let refusal {
            result = .failure(refusal)
        } else {
            await pushGameState(until: .now + host.configuration.saveTimeout)
            result = await host.diagnostics.result(
                of: .session("save", of: id), since: began, outcome: \.word
            ) { await write(releasing: false, until: .now + host.configuration.saveTimeout, early: ticket) }
        }
        state.withLock { state in
            state.runningSave = nil
            switch result {
            case .success: state.pace.saved()
            case .failure(let error): state.pace.failed(error.code, interval: host.configuration.autosave)
            }
        }
        if case .failure(let error) = result { logFailedSave(error) }
        ticket.resolve(result)
    }

    /// What one write takes from the session: the document as of now and the receipts that belong to it.
    struct Draft {
        let document: Document
        let carried: CarriedFields
        let userIDs: [String]
        let metadata: [UInt8]?
        var settlements: [Settlement]
        let deliveries: [Delivery]
        let mark: UInt64
        /// Nothing was changed since the last write.
        let isUntouched: Bool
        let began: ContinuousClock.Instant
        let token: Int64
        let version: Int64
        let nonce: RandomID
        let generation: Int64
        let saveID: RandomID?
        let checksum: UInt64?
    }

    func draft() -> Draft {
        state.withLock { state in
            Draft(
                document: state.document, carried: state.carried, userIDs: state.userIDs, metadata: state.metadata,
                settlements: state.unsettled.all.map(\.settlement), deliveries: state.outbox,
                mark: state.machine.changes,
                isUntouched: !state.machine.isChanged,
                began: .now, token: state.machine.token, version: state.machine.version,
                nonce: state.machine.nonce, generation: state.machine.generation, saveID: state.machine.saveID,
                checksum: state.machine.checksum
            )
        }
    }

    /// Encodes and commits the document as it is now.
    ///
    /// The caller holds the slot. Where operations were settled elsewhere, what is left of the document is written.
    ///
    /// - Parameters:
    ///   - releasing: Clears the owner: the last write.
    ///   - deadline: Until when an unavailable store is tried again. An ambiguous attempt is repeated beyond it,
    ///     until the store answers: not there yet is not never.
    ///   - early: Told `outcomeUnknown` at the deadline while the attempt goes on.
    func write(
        releasing: Bool, until deadline: ContinuousClock.Instant, early: Ticket<SaveReceipt>? = nil
    ) async -> Result<SaveReceipt, ProfileError> {
        while true {
            if let result = await tryWrite(releasing: releasing, until: deadline, early: early) { return result }
            guard ContinuousClock.now < deadline else {
                return .failure(ProfileError(.unavailable, "operations kept being settled elsewhere", record: id))
            }
            // What the game had pushed may have gone with an operation.
            await pushGameState(until: deadline)
        }
    }

    /// Writes once; nil when nothing was written since operations were settled elsewhere, which is mended now.
    private func tryWrite(
        releasing: Bool, until deadline: ContinuousClock.Instant, early: Ticket<SaveReceipt>?
    ) async -> Result<SaveReceipt, ProfileError>? {
        let draft = draft()
        if draft.isUntouched, draft.settlements.isEmpty, draft.version > 0 || releasing {
            if releasing { await clearOwner(draft, until: deadline) }
            return .success(receipt(of: draft, wrote: false))
        }
        let encoded: EncodedDocument
        do throws(ProfileError) {
            encoded = try codec.encode(draft.document, carrying: draft.carried, record: id)
        } catch {
            return .failure(error)
        }
        let isUnchanged =
            encoded.payload.checksum == draft.checksum && encoded.parts.isEmpty && !besideChanged(draft)
        if isUnchanged, draft.settlements.isEmpty, draft.deliveries.isEmpty {
            if releasing { await clearOwner(draft, until: deadline) }
            state.withLock { $0.machine.saved(upTo: draft.mark, began: draft.began) }
            return .success(receipt(of: draft, wrote: false))
        }
        let write = RecordWrite(
            id: id, fence: draft.token, nonce: draft.nonce, version: draft.version, saveID: .random(),
            // Receipts need the save id: without it a lost answer could not be told from somebody else's receipts.
            change: isUnchanged && draft.settlements.isEmpty
                ? .none
                : .content(
                    Content(
                        payload: encoded.payload, schema: draft.carried.schema, userIDs: draft.userIDs,
                        metadata: draft.metadata
                    )
                ),
            releases: releasing, parts: encoded.parts
        )
        let scores = isUnchanged ? .none : self.scores(of: draft.document, after: draft.version)
        let request = CommitRequest(
            writes: [write], settlements: draft.settlements, deliveries: draft.deliveries,
            projections: scores.submissions, generation: draft.generation)
        let isDoubtful = sessionState == .doubtful
        let outcome = await Settler(host: host, isUrgent: isDoubtful).settle(request, until: deadline) { error in
            early?.resolve(.failure(ProfileError(error, record: self.id)))
        }
        switch outcome {
        case .committed:
            return .success(committed(draft, write, draft.document, encoded, scores))
        case .refused(let refusals):
            if refusals[0].verdict == .intact, !refusals[0].settled.isEmpty {
                revert(dropping: refusals[0].settled)
                return nil
            }
            return .failure(await refused(write, refusals[0]))
        case .failed(let error):
            return .failure(ProfileError(error, record: id))
        }
    }

    /// Takes this session's name off the row when there is nothing left to save.
    ///
    /// A failure leaves a name that says less than it could; the next seal goes by the token.
    private func clearOwner(_ draft: Draft, until deadline: ContinuousClock.Instant) async {
        let write = RecordWrite(
            id: id, fence: draft.token, nonce: draft.nonce, version: draft.version, saveID: .random(), change: .none,
            releases: true
        )
        let timeout = max(.milliseconds(1), min(deadline - .now, .seconds(1)))
        let outcome = try? await host.committer.commit(
            CommitRequest(writes: [write], generation: draft.generation), timeout: timeout)
        if outcome == .committed { state.withLock { $0.times.confirmed(draft.began) } }
    }

    private func besideChanged(_ draft: Draft) -> Bool {
        state.withLock { $0.storedBeside != BesideFields(userIDs: draft.userIDs, metadata: draft.metadata) }
    }

    private func receipt(of draft: Draft, wrote: Bool) -> SaveReceipt {
        SaveReceipt(version: draft.version, saveID: draft.saveID, fence: draft.token, nonce: draft.nonce, wrote: wrote)
    }

    /// The store has the write: takes note, and tells the observer before anybody goes on.
    @discardableResult
    func committed(
        _ draft: Draft, _ write: RecordWrite, _ document: Document, _ encoded: EncodedDocument,
        _ scores: ShownScores.Change
    ) -> SaveReceipt {
        let wroteContent = if case .none = write.change { false } else { true }
        let version = wroteContent ? draft.version + 1 : draft.version
        let saveID = wroteContent ? write.saveID : draft.saveID
        let carried = codec.carriedOn(draft.carried, after: encoded)
        withoutEdits { state in
            state.carried = carried
            let parts = SavedParts(writes: encoded.parts, stored: carried.storedParts)
            codec.parts?.saved(&state.document, document, parts)
            state.unsettled.committed(deliveries: draft.deliveries.count) { before in
                codec.parts?.saved(&before, document, parts)
            }
            if wroteContent, let saveID {
                state.machine.committed(version: version, saveID: saveID, checksum: encoded.payload.checksum)
                state.times.written(isFirst: draft.version == 0, at: WallClock.milliseconds())
            }
            state.times.confirmed(draft.began)
            state.saved = document
            state.outbox.removeFirst(draft.deliveries.count)
            state.machine.saved(upTo: draft.mark, began: draft.began)
            state.storedBeside = BesideFields(userIDs: draft.userIDs, metadata: draft.metadata)
        }
        projected(scores)
        let receipt = SaveReceipt(
            version: version, saveID: saveID, fence: draft.token, nonce: draft.nonce, wrote: wroteContent
        )
        let applied = draft.settlements.filter { $0.state == .applied }.map(\.id)
        host.metrics.saved(after: ContinuousClock.now - draft.began, bytes: encoded.storedBytes)
        logSave(receipt, encoded)
        warnOfSize(encoded.payload.documentBytes)
        host.observer?.saved(id, receipt: receipt, document: encoded.canonical, applied: applied)
        notify { $0.receipt = receipt }
        host.hintOwners(of: draft.deliveries)
        settled(draft.settlements, version: version)
        return receipt
    }

    static func restored(wasAmbiguous: Bool) -> (ProfileError.Code, String) {
        wasAmbiguous
            ? (.outcomeUnknown, "the store was restored; this save may have come before that, and is gone then")
            : (.storeRestored, "the store was restored since this session began; this save was refused")
    }

    /// The store refused the write: ends the session, or drops what cannot be settled.
    func refused(_ write: RecordWrite, _ refusal: Settler.Refusal) async -> ProfileError {
        func lost(_ reason: SessionEnd.LossReason, _ code: ProfileError.Code, _ message: String) async -> ProfileError {
            let error = ProfileError(code, message, record: id)
            await lose(reason, error)
            return error
        }
        switch refusal.verdict {
        case .superseded where refusal.wasAmbiguous:
            return await lost(
                .superseded, .outcomeUnknown,
                "another session owns the record now; this save may have come before it")
        case .superseded:
            host.metrics.fencedSaves.increment()
            host.observer?.refused(
                id, version: write.version, fence: write.fence, nonce: write.nonce, found: refusal.found
            )
            return await lost(.superseded, .fenced, "another session owns the record now; this save was refused")
        case .storeWentBack:
            return await lost(
                .storeWentBack, refusal.wasAmbiguous ? .outcomeUnknown : .fenced,
                "the store's row is older than an acknowledged save")
        case .storeRestored:
            let (code, message) = Self.restored(wasAmbiguous: refusal.wasAmbiguous)
            return await lost(.storeRestored, code, message)
        case .decided(let verdict):
            return ProfileError(.conflict, "the trade was decided before: \(verdict)", record: id)
        case .intact where !refusal.settled.isEmpty:
            revert(dropping: refusal.settled)
            return ProfileError(.busy, "an operation was settled elsewhere meanwhile; try again", record: id)
        case .intact, .alarm, .committedBefore:
            host.logger.critical(
                "a save was refused although the row is this session's",
                metadata: ["holdfast.record": "\(id)", "holdfast.fence": "\(write.fence)"]
            )
            return await lost(.alarm, .internalError, "the row shows another writer under this session's name")
        }
    }
}
