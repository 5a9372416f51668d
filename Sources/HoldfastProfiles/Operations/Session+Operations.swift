import HoldfastStorage

/// Where a session has left an operation that stays pending: it knows better than rows that were read before.
struct MovedOperation: Sendable {
    let settlement: Settlement
    let due: ContinuousClock.Instant
}

extension Session {
    func receive(_ operations: [OperationRecord]) {
        let operations = startLegs(operations)
        let now = ContinuousClock.now
        let taken: [OperationRun<Document>.Outcome]? = unlessEdited { state in
            guard state.machine.phase == .open, !isFallback else {
                // Looked at again when the transaction is over.
                if state.machine.phase == .inTransaction { state.operationsDue = now }
                watch(&state)
                return []
            }
            watch(&state)
            let before = state.document
            let taken = Self.take(operations, into: &state, host: host, codec: codec, now: now)
            if !taken.isEmpty { note(.init(.operations), before: before, in: &state) }
            return taken
        }
        guard let taken else {
            // All sessions' operations come this way: an edit that takes its time must not hold up the others'.
            return state.withLock { state in
                state.operationsDue = now
                watch(&state)
            }
        }
        guard !taken.isEmpty else { return }
        for outcome in taken { tell(of: outcome) }
        requestSave()
    }

    /// Applies what is ready to the document in memory, in order of delivery, and settles what has expired.
    ///
    /// Receipts join the next commit, and so does everything that is built on their effect: neither is ever durable
    /// without the other.
    ///
    /// - Parameter operations: All that are pending, as the store listed them.
    /// - Returns: What is to be committed; nothing where there is nothing.
    private static func take(
        _ operations: [OperationRecord], into state: inout State, host: SessionHost,
        codec: DocumentCodec<Document>, now: ContinuousClock.Instant
    ) -> [OperationRun<Document>.Outcome] {
        let fresh = operations.filter { !state.known.contains($0.id) }
        guard let readAt = fresh.map(\.readAtMillis).max() else { return [] }
        let rows = fresh.map { row in
            guard let moved = state.moved[row.id] else { return row }
            return row.moved(by: moved.settlement, dueAtMillis: readAt + (moved.due - now).wholeMilliseconds)
        }
        let schedule = OperationSchedule(rows, now: readAt)
        state.operationsDue = schedule.nextMillis.map { now + .milliseconds($0 - readAt) }
        let run = OperationRun.of(
            schedule.ready, on: state.document, codec: codec, carrying: state.carried,
            keepsProgress: host.layout.keepsProgress,
            clock: host.diagnostics.isWatching ? { @Sendable in ContinuousClock.now } : nil)
        if run == nil {
            // The game's own edits have to be mended first; whatever the operations do would be held against them.
            state.operationsDue = now + .seconds(1)
        }
        let expired = schedule.expired.map { operation in
            OperationRun<Document>.Outcome(
                record: operation,
                operation: UnsettledOperation(settlement: Settlement(operation, .expired), hasEffect: false))
        }
        let outcomes = expired + (run?.outcomes ?? [])
        guard !outcomes.isEmpty else { return [] }
        let taken = outcomes.map(\.operation)
        state.unsettled.add(
            taken,
            before: SessionCheckpoint(
                document: state.document, outboxCount: state.outbox.count, edits: state.edits))
        state.outbox += run?.deliveries ?? []
        // The others come when this commit has taken what these deliver.
        if run?.isFull == true { state.operationsDue = now + .seconds(1) }
        // One that stays pending is looked at again when this commit is known and the store lists it anew.
        state.known.formUnion(taken.map(\.id))
        if let run, taken.contains(where: \.hasEffect) { state.document = run.document }
        state.machine.changed(now: now)
        return outcomes
    }

    private func tell(of outcome: OperationRun<Document>.Outcome) {
        let settlement = outcome.operation.settlement
        if outcome.isUnknown { host.metrics.unhandledOperations.increment() }
        if settlement.state == .applied { host.metrics.operationsApplied.increment() }
        if settlement.state == .expired { host.metrics.operationsExpired.increment() }
        host.diagnostics.ended(
            .operation("apply", outcome.record.id, type: outcome.record.type, of: id), took: outcome.took,
            outcome: outcome.word, isFailure: outcome.hasFailed)
        guard outcome.hasFailed else { return }
        host.metrics.operationFailures.increment()
        if settlement.state == .dead { host.metrics.operationDeadLetters.increment() }
        host.logger.warning(
            "an operation failed",
            metadata: [
                "holdfast.record": "\(id)", "holdfast.operation": "\(outcome.record.id)",
                "holdfast.attempts": "\(settlement.attempts)", "holdfast.dead": "\(settlement.state == .dead)",
            ]
        )
    }

    /// The store has the receipts of a write: takes note, and tells who waits for them.
    func settled(_ settlements: [Settlement], version: Int64) {
        guard !settlements.isEmpty else { return }
        let ids = Set(settlements.map(\.id))
        let now = ContinuousClock.now
        let committed = state.withLock { state in
            for settlement in settlements { state.committed(settlement, now: now) }
            watch(&state)
            let committed = state.unsettled.settled(ids)
            // The store lists a settled operation for a moment at most; a longer memory would only grow.
            if state.known.count > DurableStoreLimits.pending * 4 {
                state.known = ids.union(state.unsettled.all.map(\.id))
            }
            return committed
        }
        for operation in committed {
            operation.announce?(AppliedOperation(record: id, id: operation.settlement.id, version: version))
        }
        if settlements.contains(where: { $0.state == .pending && $0.retryAfterMillis == 0 }) { host.hints.add(id) }
        if settlements.contains(where: { $0.state != .pending }) { host.receipts.signal(id) }
    }

    /// Operations that a refused commit was to settle were settled elsewhere meanwhile.
    ///
    /// Those that left nothing in the document are forgotten. Else the document goes back to what it was before the
    /// first of the others, and what was taken with it or later is taken anew.
    func revert(dropping settled: [OperationID]) {
        let droppedEdits: UInt64? = withoutEdits { state in
            state.known.formUnion(settled)
            for id in settled { state.moved[id] = nil }
            guard let (before, undone) = state.unsettled.refused(Set(settled)) else { return nil }
            let dropped = state.document
            state.document = before.document
            state.outbox.removeLast(max(0, state.outbox.count - before.outboxCount))
            state.known.subtract(Set(undone).subtracting(settled))
            state.dropped.note(after: before.edits, upTo: state.edits)
            note(.init(.revert), before: dropped, in: &state)
            state.machine.changed(now: .now)
            watch(&state)
            return state.edits - before.edits
        }
        guard let droppedEdits else { return }
        host.hints.add(id)
        host.logger.warning(
            "an operation was settled elsewhere; what was built on it was dropped",
            metadata: ["holdfast.record": "\(id)", "holdfast.edits": "\(droppedEdits)"]
        )
    }

    /// Asks for the operations again that waited for a time which has come.
    func hintDueOperations(now: ContinuousClock.Instant) {
        let isDue = state.withLock { state in
            guard state.machine.phase == .open, let due = state.operationsDue, due <= now else { return false }
            state.operationsDue = nil
            return true
        }
        if isDue { host.hints.add(id) }
    }
}

extension Session.State {
    fileprivate mutating func committed(_ settlement: Settlement, now: ContinuousClock.Instant) {
        guard settlement.state == .pending else {
            moved[settlement.id] = nil
            return
        }
        let due = now + .milliseconds(settlement.retryAfterMillis)
        moved[settlement.id] = MovedOperation(settlement: settlement, due: due)
        known.remove(settlement.id)
        operationsDue = min(operationsDue ?? due, due)
    }
}

extension OperationRecord {
    /// As this session has left it.
    fileprivate func moved(by settlement: Settlement, dueAtMillis: Int64) -> OperationRecord {
        OperationRecord(
            record: record, id: id, type: type, payload: payload, state: state, attempts: settlement.attempts,
            lastError: settlement.lastError, sequence: sequence, deliveredAtMillis: deliveredAtMillis,
            finishedAtMillis: finishedAtMillis, expiresAtMillis: expiresAtMillis, dueAtMillis: dueAtMillis,
            progress: settlement.progress, readAtMillis: readAtMillis)
    }
}
