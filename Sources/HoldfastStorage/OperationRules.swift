/// Decisions about operations that backends make between reading and writing.
package enum OperationRules {
    /// The answer to a delivery whose id is taken; a receipt that was shortened is known by its type.
    package static func redelivery(_ delivery: Delivery, of existing: OperationRecord) -> DeliveryOutcome {
        let isSame =
            existing.type.utf8.elementsEqual(delivery.type.utf8)
            && (existing.payload.isEmpty || existing.payload == delivery.payload)
        return isSame ? .duplicate(existing.state) : .conflict
    }

    /// The answer to a cancellation; `cancelled` means that it is to be written.
    package static func cancellation(of existing: OperationRecord?, now: Int64) -> OperationCancellation {
        guard let existing else { return .missing }
        guard existing.state == .pending else { return .settled(existing.state) }
        if existing.isExpired(atMillis: now) { return .settled(.expired) }
        return existing.progress == nil ? .cancelled : .begun
    }

    /// The answer to a failure that was asked for; `failed` means that it is to be written.
    package static func failure(of existing: OperationRecord?, now: Int64) -> OperationFailure {
        guard let existing else { return .missing }
        guard existing.state == .pending else { return .settled(existing.state) }
        return existing.isExpired(atMillis: now) ? .settled(.expired) : .failed
    }

    /// The answer to a requeue, but for the bound of the list; `requeued` means that it is to be written.
    package static func requeue(
        _ dead: OperationRecord?, as id: OperationID, taken existing: OperationRecord?
    ) -> OperationRequeue {
        guard let dead else { return .missing }
        guard dead.state == .dead else {
            guard dead.state == .cancelled, let existing else { return .notDead(dead.state) }
            let mark = OperationRecord.requeueMark(id).utf8
            // A receipt that was shortened has lost its mark; then the type has to do.
            let isRepeated =
                dead.lastError.map { $0.utf8.elementsEqual(mark) }
                ?? (dead.payload.isEmpty && existing.type.utf8.elementsEqual(dead.type.utf8))
            return isRepeated ? .duplicate(existing.state) : .notDead(dead.state)
        }
        if dead.payload.isEmpty { return .erased }
        return existing == nil ? .requeued : .taken
    }
}
