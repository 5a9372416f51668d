import HoldfastStorage

/// An operation whose effect is in the document and whose receipt is not committed yet.
struct UnsettledOperation: Sendable {
    let settlement: Settlement
    /// Called once the commit is certain.
    var announce: (@Sendable (AppliedOperation) -> Void)?
}

/// Where a session has left an operation that stays pending: it knows better than rows that were read before.
struct MovedOperation: Sendable {
    let settlement: Settlement
    let due: ContinuousClock.Instant
}

/// What a session goes back to where the store refuses operations that it has applied.
struct BeforeOperations<Document: Sendable>: Sendable {
    let document: Document
    /// How many deliveries waited for the next commit.
    var outboxCount: Int
}

extension Session {
    func receive(_ operations: [OperationRecord]) {
        let now = ContinuousClock.now
        let changed = state.withLock { state in
            guard state.machine.phase == .open, !isFallback else {
                // Looked at again when the transaction is over.
                if state.machine.phase == .inTransaction { state.operationsDue = now }
                return false
            }
            let before = state.document
            let changed = Self.take(operations, into: &state, host: host, handlers: codec.operations, now: now)
            if changed { note(.init(.operations), before: before, in: &state) }
            return changed
        }
        if changed { requestSave() }
    }

    /// Applies what is ready to the document in memory, in order of delivery, and settles what has expired.
    ///
    /// Receipts join the next commit, and so does everything that is built on their effect: neither is ever durable
    /// without the other.
    ///
    /// - Parameter operations: All that are pending, as the store listed them.
    /// - Returns: Whether there is something to commit.
    static func take(
        _ operations: [OperationRecord], into state: inout State, host: SessionHost,
        handlers: OperationHandlers<Document>, now: ContinuousClock.Instant
    ) -> Bool {
        let fresh = operations.filter { !state.known.contains($0.id) }
        guard let readAt = fresh.map(\.readAtMillis).max() else { return false }
        let rows = fresh.map { row in
            guard let moved = state.moved[row.id] else { return row }
            return row.moved(by: moved.settlement, dueAtMillis: readAt + (moved.due - now).wholeMilliseconds)
        }
        let schedule = OperationSchedule(rows, now: readAt)
        state.operationsDue = schedule.nextMillis.map { now + .milliseconds($0 - readAt) }
        let count = state.unsettled.count
        for operation in schedule.expired {
            state.settle(Settlement(operation, .expired))
            host.metrics.operationsExpired.increment()
        }
        for operation in schedule.ready {
            guard let handler = handlers.byType[operation.type] else {
                settleUnknown(operation, handlers.unknown, in: &state, host)
                continue
            }
            attempt(operation, handler, in: &state, host)
        }
        guard state.unsettled.count > count else { return false }
        state.machine.changed(now: now)
        return true
    }

    private static func settleUnknown(
        _ operation: OperationRecord, _ policy: UnknownOperations, in state: inout State, _ host: SessionHost
    ) {
        host.metrics.unhandledOperations.increment()
        let reason = "no handler for operations of type \(operation.type)"
        switch policy {
        case .keep: break
        case .cancel: state.settle(Settlement(operation, .cancelled, lastError: reason))
        case .deadLetter: state.settle(Settlement(operation, .dead, lastError: reason, progress: operation.progress))
        }
    }

    private static func attempt(
        _ operation: OperationRecord, _ handler: OperationHandler<Document>, in state: inout State, _ host: SessionHost
    ) {
        let attempts = operation.attempts + 1
        var copy = state.document
        do {
            switch try handler.run(operation, &copy) {
            case .applied(let announce):
                state.settle(Settlement(operation, .applied, attempts: attempts), announce: announce)
                host.metrics.operationsApplied.increment()
            case .again(let progress, let pause):
                state.settle(Settlement(operation, .pending, attempts: 0, retryAfter: pause, progress: progress))
            }
            state.document = copy
        } catch {
            let pause = error is OperationRefusal ? nil : handler.policy.pause(after: attempts)
            state.settle(
                Settlement(
                    operation, pause == nil ? .dead : .pending, attempts: attempts,
                    lastError: String("\(error)".prefix(500)), retryAfter: pause ?? .zero, progress: operation.progress)
            )
            host.metrics.operationFailures.increment()
            host.logger.warning(
                "an operation failed",
                metadata: [
                    "holdfast.record": "\(operation.record)", "holdfast.operation": "\(operation.id)",
                    "holdfast.attempts": "\(attempts)", "holdfast.dead": "\(pause == nil)",
                ]
            )
        }
    }

    /// The store has the receipts of a write: takes note, and tells who waits for them.
    func settled(_ settlements: [Settlement], version: Int64, document: Document) {
        guard !settlements.isEmpty else { return }
        let ids = Set(settlements.map(\.id))
        let now = ContinuousClock.now
        let committed = state.withLock { state in
            let committed = state.unsettled.filter { ids.contains($0.settlement.id) }
            state.unsettled.removeAll { ids.contains($0.settlement.id) }
            state.beforeOperations =
                state.unsettled.isEmpty ? nil : BeforeOperations(document: document, outboxCount: 0)
            for settlement in settlements { state.committed(settlement, now: now) }
            // The store lists a settled operation for a moment at most; a longer memory would only grow.
            if state.known.count > DurableStoreLimits.pending * 4 {
                state.known = Set(state.unsettled.map(\.settlement.id))
            }
            return committed
        }
        for operation in committed {
            operation.announce?(AppliedOperation(record: id, id: operation.settlement.id, version: version))
        }
        if settlements.contains(where: { $0.state == .pending && $0.retryAfterMillis == 0 }) { host.hints.add(id) }
        if settlements.contains(where: { $0.state != .pending }) { host.receipts.signal(id) }
    }

    /// Operations that this session had applied in memory were settled elsewhere meanwhile: the document goes back to
    /// what it was before the first of them, and the others are applied anew.
    func revert(dropping settled: [OperationID]) {
        state.withLock { state in
            if let before = state.beforeOperations {
                let dropped = state.document
                state.document = before.document
                state.outbox.removeLast(max(0, state.outbox.count - max(0, before.outboxCount)))
                note(.init(.revert), before: dropped, in: &state)
            }
            state.known.subtract(state.unsettled.map(\.settlement.id))
            state.known.formUnion(settled)
            for id in settled { state.moved[id] = nil }
            state.unsettled = []
            state.beforeOperations = nil
            state.machine.changed(now: .now)
        }
        host.hints.add(id)
        host.logger.warning(
            "an operation was settled elsewhere; what was built on it was dropped",
            metadata: ["holdfast.record": "\(id)"]
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
    /// Plans a receipt for the next commit; called before the document has the effect.
    fileprivate mutating func settle(
        _ settlement: Settlement, announce: (@Sendable (AppliedOperation) -> Void)? = nil
    ) {
        // One that stays pending is looked at again when this commit is known and the store lists it anew.
        known.insert(settlement.id)
        if unsettled.isEmpty { beforeOperations = BeforeOperations(document: document, outboxCount: outbox.count) }
        unsettled.append(UnsettledOperation(settlement: settlement, announce: announce))
    }

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

extension Settlement {
    /// A receipt, or a step, of an operation; without attempts as many as it had.
    fileprivate init(
        _ operation: OperationRecord, _ state: OperationState, attempts: Int? = nil, lastError: String? = nil,
        retryAfter pause: Duration = .zero, progress: [UInt8]? = nil
    ) {
        self.init(
            record: operation.record, id: operation.id, state: state, attempts: attempts ?? operation.attempts,
            lastError: lastError, retryAfterMillis: pause.wholeMilliseconds, progress: progress)
    }
}
