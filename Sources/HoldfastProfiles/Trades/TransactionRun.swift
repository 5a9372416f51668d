import HoldfastStorage

/// Carries out one transaction over sessions of this server.
struct TransactionRun: Sendable {
    enum Outcome: Sendable {
        /// The receipts in the order of the sessions.
        case committed([SaveReceipt])
        /// Nothing was written: the trade was decided before.
        case decided(Decision.Verdict)
        /// Nothing was written: these operations, which the transaction itself was to settle, were settled elsewhere.
        case settledElsewhere
    }

    let parts: [any TransactionPart]
    let host: SessionHost

    init(_ sessions: [any TransactionMember], host: SessionHost) throws(ProfileError) {
        try Self.check(sessions.map(\.id))
        parts = sessions.compactMap { $0 as? any TransactionPart }
        // Another coordinator's store may be another one, whose rows would be taken for lost.
        guard parts.count == sessions.count, parts.allSatisfy({ $0.host.jobs === host.jobs }) else {
            throw ProfileError(.badInput, "a transaction is made over sessions of its own coordinator")
        }
        self.host = host
    }

    static func check(_ records: [RecordID]) throws(ProfileError) {
        guard (1...TransactionScope.maximumRecords).contains(records.count) else {
            throw ProfileError(
                .badInput,
                "a transaction has 1 to \(TransactionScope.maximumRecords) records, not \(records.count)")
        }
        var seen = Set<RecordID>()
        if let twice = records.first(where: { !seen.insert($0).inserted }) {
            throw ProfileError(.badInput, "a transaction needs different records", record: twice)
        }
    }

    /// Changes the documents and commits them with what the closure adds.
    ///
    /// - Throws: ``TransactionRefusal`` where the closure, a rule or the documents' size refused it: nothing was sent;
    ///   ``ProfileError`` otherwise.
    func carryOut<Result>(
        until deadline: ContinuousClock.Instant, _ change: (inout TransactionScope) throws -> Result
    ) async throws -> (Result, Outcome) {
        try await host.diagnostics.inStep(
            .session("transaction", of: parts[0].id, count: parts.count), outcome: { $0.1.word },
            { try await carriedOut(until: deadline, change) })
    }

    private func carriedOut<Result>(
        until deadline: ContinuousClock.Instant, _ change: (inout TransactionScope) throws -> Result
    ) async throws -> (Result, Outcome) {
        // In the order of the records, so that two transactions never wait for each other.
        let slots = Slots(parts.sorted { $0.id < $1.id }.map(\.slot))
        try await take(slots, until: deadline)
        do throws(ProfileError) {
            try begin()
        } catch {
            slots.give()
            throw error
        }
        let sides: [any TransactionSide]
        let extras: CommitExtras
        let announcements: [(index: Int, id: OperationID, announce: TransactionScope.Announcement)]
        let result: Result
        do {
            let drafts = parts.map { $0.transactionDraft() }
            var scope = TransactionScope(parts, documents: drafts.map(\.document))
            result = try EditGuard.run { try change(&scope) }
            extras = try scope.allExtras()
            announcements = scope.announcements
            sides = try zip(parts, zip(drafts, scope.documents)).map { part, draft in
                try draft.0.side(draft.1, extras.settlements.filter { $0.record == part.id })
            }
        } catch {
            end()
            slots.give()
            throw TransactionRefusal(reason: error)
        }
        let ticket = Ticket<Outcome>()
        let submitted = host.jobs.submit {
            let answer = await commit(sides, extras, until: deadline, early: ticket)
            slots.give()
            // Also where whoever began it has left.
            if case .success(.committed(let receipts)) = answer {
                for (index, id, announce) in announcements {
                    announce(AppliedOperation(record: parts[index].id, id: id, version: receipts[index].version))
                }
            }
            ticket.resolve(answer)
        }
        guard submitted else {
            end()
            slots.give()
            throw ProfileError(.notReady, "the coordinator has stopped")
        }
        let outcome = try await host.waits.value(of: ticket, until: deadline) {
            ProfileError(.outcomeUnknown, "the store has not answered in time; still asking")
        }
        return (result, outcome)
    }

    private func begin() throws(ProfileError) {
        for (index, part) in parts.enumerated() {
            do throws(ProfileError) {
                try part.beginTransaction()
            } catch {
                for begun in parts[..<index] { begun.endTransaction() }
                throw error
            }
        }
    }

    private func end() {
        for part in parts { part.endTransaction() }
    }

    /// Takes the slots as a job, so that a caller who gives up never leaves one taken.
    private func take(_ slots: Slots, until deadline: ContinuousClock.Instant) async throws(ProfileError) {
        let ticket = Ticket<Bool>()
        let submitted = host.jobs.submit {
            await slots.take()
            if ticket.resolve(.success(true)) == 0 { slots.give() }
        }
        guard submitted else { throw ProfileError(.notReady, "the coordinator has stopped") }
        let record = parts.first?.id
        _ = try await host.waits.value(of: ticket, until: deadline) {
            ProfileError(.busy, "an earlier save was still being settled", record: record)
        }
    }

    private func commit(
        _ sides: [any TransactionSide], _ extras: CommitExtras, until deadline: ContinuousClock.Instant,
        early ticket: Ticket<Outcome>
    ) async -> Result<Outcome, ProfileError> {
        let request = CommitRequest(
            writes: sides.map(\.write), settlements: sides.flatMap(\.settlements),
            deliveries: sides.flatMap(\.deliveries) + extras.deliveries, projections: sides.flatMap(\.projections),
            entries: extras.entries, decision: extras.decision, generation: sides.map(\.generation).min())
        let outcome = await Settler(host: host).settle(request, until: deadline) { error in
            ticket.resolve(.failure(ProfileError(error)))
        }
        switch outcome {
        case .committed:
            let receipts = sides.map { $0.committed() }
            host.hintOwners(of: extras.deliveries)
            return .success(.committed(receipts))
        case .refused(let refusals):
            end()
            if case .decided(let verdict)? = refusals.first?.verdict { return .success(.decided(verdict)) }
            var first: ProfileError?
            let newest = sides.map(\.generation).max()
            let isMixed = sides.contains { $0.generation != newest }
            for (side, refusal) in zip(sides, refusals) {
                // A session of after the restore goes on.
                if isMixed, case .storeRestored = refusal.verdict, side.generation == newest { continue }
                let error = await side.refused(refusal)
                first = first ?? error
            }
            if let first { return .failure(first) }
            let settled = Set(refusals.flatMap(\.settled))
            if extras.settlements.contains(where: { settled.contains($0.id) }) { return .success(.settledElsewhere) }
            return .failure(ProfileError(.internalError, "the store refused a transaction without a reason"))
        case .failed(let error):
            end()
            return .failure(ProfileError(error))
        }
    }
}

/// What refused a transaction before anything was sent.
struct TransactionRefusal: CodedFailure {
    let reason: any Error
    var word: String { "refused" }
}

/// Save slots of several sessions, in the order in which they are taken.
private struct Slots: Sendable {
    let slots: [SaveSlot]

    init(_ slots: [SaveSlot]) {
        self.slots = slots
    }

    func take() async {
        for slot in slots { await slot.take() }
    }

    func give() {
        for slot in slots { slot.give() }
    }
}
