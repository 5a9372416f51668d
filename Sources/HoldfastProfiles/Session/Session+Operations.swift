import HoldfastStorage

extension Session {
    func receive(_ operations: [OperationRecord]) {
        let changed = state.withLock { state in
            guard state.machine.phase == .open, !isFallback else { return false }
            let before = state.document
            let changed = Self.apply(operations, to: &state, id: id, host: host, codec: codec)
            if changed { note(.init(.operations), before: before, in: &state) }
            return changed
        }
        if changed { requestSave() }
    }

    /// Applies operations to the document in memory, in order of delivery.
    ///
    /// Their receipts join the next commit, and so does everything that is built on their effect: neither is ever
    /// durable without the other.
    ///
    /// - Returns: Whether there is something to commit.
    static func apply(
        _ operations: [OperationRecord], to state: inout State, id: RecordID, host: SessionHost,
        codec: DocumentCodec<Document>
    ) -> Bool {
        var changed = false
        for operation in operations where operation.state == .pending && !state.known.contains(operation.id) {
            guard let handler = codec.handlers[operation.type] else {
                host.metrics.unhandledOperations.increment()
                continue  // A newer server may know it; it stays pending.
            }
            var settlement = Settlement(
                record: id, id: operation.id, state: .applied, attempts: operation.attempts + 1
            )
            var copy = state.document
            do {
                try handler(operation.payload, &copy)
                state.document = copy
                host.metrics.operationsApplied.increment()
            } catch {
                let isDead = settlement.attempts >= codec.maximumAttempts
                settlement.state = isDead ? .dead : .pending
                settlement.lastError = String("\(error)".prefix(500))
                host.metrics.operationFailures.increment()
                host.logger.warning(
                    "an operation failed",
                    metadata: [
                        "holdfast.record": "\(id)", "holdfast.operation": "\(operation.id)",
                        "holdfast.attempts": "\(settlement.attempts)",
                    ]
                )
            }
            // One that failed is tried again when this commit is known and the store lists it anew.
            state.known.insert(operation.id)
            state.unsettled.append(settlement)
            state.machine.changed(now: .now)
            changed = true
        }
        return changed
    }
}
