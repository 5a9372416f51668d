import HoldfastStorage

extension Coordinator {
    /// Changes two profiles of this server as one, durably: both or neither.
    ///
    /// One store transaction under both fences. The closure works on copies and may be used for anything from a gift to
    /// a trade; a throw leaves both as they were. Edits of the two sessions are refused as `busy` until the store has
    /// answered.
    ///
    /// - Returns: What the closure returned, and the two receipts in the order of the sessions.
    /// - Throws: ``ProfileError``: `fenced` when one of the sessions was superseded (the other keeps its document and
    ///   drops only this change), `unavailable`, `outcomeUnknown` (still being settled), `busy`, `ended`, `badInput`;
    ///   and whatever the closure throws.
    @discardableResult
    public func transaction<First, Second, Result>(
        _ first: Session<First>, _ second: Session<Second>, timeout: Duration? = nil,
        _ change: (inout First, inout Second) throws -> Result
    ) async throws -> (result: Result, receipts: [SaveReceipt]) {
        guard first.id != second.id else {
            throw ProfileError(.badInput, "a transaction needs two different profiles", record: first.id)
        }
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.saveTimeout)
        let slots = SlotPair(first: first, second: second)
        try await take(slots, until: deadline, record: first.id)
        do {
            try begin(first)
            do {
                try begin(second)
            } catch {
                first.state.withLock { $0.machine.endTransaction() }
                throw error
            }
        } catch {
            slots.give()
            throw error
        }
        let abandon: @Sendable () -> Void = {
            first.state.withLock { $0.machine.endTransaction() }
            second.state.withLock { $0.machine.endTransaction() }
            slots.give()
        }
        let left: TransactionSide<First>
        let right: TransactionSide<Second>
        let result: Result
        do {
            let drafts = (first.draft(), second.draft())
            var documents = (drafts.0.document, drafts.1.document)
            result = try EditGuard.$isInsideEdit.withValue(true) { try change(&documents.0, &documents.1) }
            try first.check(documents.0)
            try second.check(documents.1)
            left = try TransactionSide(first, drafts.0, documents.0)
            right = try TransactionSide(second, drafts.1, documents.1)
        } catch {
            abandon()
            throw error
        }
        let ticket = Ticket<[SaveReceipt]>()
        let submitted = host.jobs.submit { [host] in
            let request = CommitRequest(
                writes: [left.write, right.write], settlements: left.draft.settlements + right.draft.settlements,
                deliveries: left.draft.deliveries + right.draft.deliveries,
                projections: left.scores.submissions + right.scores.submissions,
                generation: min(left.draft.generation, right.draft.generation)
            )
            let outcome = await Settler(host: host).settle(request, until: deadline) { error in
                ticket.resolve(.failure(ProfileError(error)))
            }
            switch outcome {
            case .committed:
                let receipts = [left.committed(), right.committed()]
                slots.give()
                ticket.resolve(.success(receipts))
            case .refused(let refusals):
                left.session.state.withLock { $0.machine.endTransaction() }
                right.session.state.withLock { $0.machine.endTransaction() }
                let leftError = await left.refused(refusals[0])
                let rightError = await right.refused(refusals[1])
                slots.give()
                let error = leftError ?? rightError
                ticket.resolve(
                    .failure(error ?? ProfileError(.internalError, "the store refused a transaction without a reason"))
                )
            case .failed(let error):
                abandon()
                ticket.resolve(.failure(ProfileError(error)))
            }
        }
        guard submitted else {
            abandon()
            throw ProfileError(.notReady, "the coordinator has stopped")
        }
        let receipts = try await host.waits.value(of: ticket, until: deadline) {
            ProfileError(.outcomeUnknown, "the store has not answered in time; still asking")
        }
        return (result, receipts)
    }

    private func begin<Document>(_ session: Session<Document>) throws(ProfileError) {
        if let refusal = session.fallbackRefusal(of: "transaction") { throw refusal }
        let refusal: ProfileError? = session.state.withLock { state in
            if let refusal = state.machine.refusal(of: "transaction", record: session.id) { return refusal }
            return state.machine.beginTransaction()
                ? nil : ProfileError(.busy, "another transaction is using the document", record: session.id)
        }
        if let refusal { throw refusal }
    }

    /// Takes slots as a job, so that a caller who gives up never leaves one taken.
    private func take(
        _ slots: SlotPair, until deadline: ContinuousClock.Instant, record: RecordID
    ) async throws(ProfileError) {
        let ticket = Ticket<Bool>()
        let submitted = host.jobs.submit {
            await slots.take()
            if ticket.resolve(.success(true)) == 0 { slots.give() }
        }
        guard submitted else { throw ProfileError(.notReady, "the coordinator has stopped") }
        _ = try await host.waits.value(of: ticket, until: deadline) {
            ProfileError(.busy, "an earlier save was still being settled", record: record)
        }
    }
}

/// The save slots of two sessions, taken in the order of their records.
private struct SlotPair: Sendable {
    let slots: [SaveSlot]

    init<First, Second>(first: Session<First>, second: Session<Second>) {
        slots = first.id < second.id ? [first.slot, second.slot] : [second.slot, first.slot]
    }

    func take() async {
        for slot in slots { await slot.take() }
    }

    func give() {
        for slot in slots { slot.give() }
    }
}

/// One session's part of a transaction that is being committed.
struct TransactionSide<Document: Sendable>: Sendable {
    let session: Session<Document>
    let draft: Session<Document>.Draft
    let document: Document
    let encoded: EncodedDocument
    let write: RecordWrite
    let scores: ShownScores.Change

    init(_ session: Session<Document>, _ draft: Session<Document>.Draft, _ document: Document) throws(ProfileError) {
        self.session = session
        self.draft = draft
        self.document = document
        encoded = try session.codec.encode(document, carrying: draft.carried, record: session.id)
        write = RecordWrite(
            id: session.id, fence: draft.token, nonce: draft.nonce, version: draft.version, saveID: .random(),
            change: .content(
                Content(
                    payload: encoded.payload, schema: draft.carried.schema, userIDs: draft.userIDs,
                    metadata: draft.metadata
                )
            ),
            parts: encoded.parts
        )
        scores = session.scores(of: document, after: draft.version)
    }

    func committed() -> SaveReceipt {
        session.state.withLock { state in
            let before = state.document
            state.document = document
            session.note(.init(.transaction), before: before, in: &state)
            state.machine.endTransaction()
        }
        return session.committed(draft, write, document, encoded, scores)
    }

    /// Ends the session if its row was the reason; nil when it was not.
    func refused(_ refusal: Settler.Refusal) async -> ProfileError? {
        let mine = refusal.settled.filter { id in draft.settlements.contains { $0.id == id } }
        if refusal.verdict == .intact, mine.isEmpty { return nil }
        let refusal = Settler.Refusal(
            verdict: refusal.verdict, found: refusal.found, settled: mine, wasAmbiguous: refusal.wasAmbiguous
        )
        return await session.refused(write, refusal)
    }
}
