import HoldfastCoordination
public import HoldfastStorage

extension ProfileCollection {
    /// Reads an operation or its receipt from the store; nil when it was never delivered to this profile.
    ///
    /// Receipts are kept for ever; after ``CoordinatorConfiguration/receiptRetention`` without payload and error.
    ///
    /// - Throws: ``ProfileError``: `badInput`, `unavailable`.
    public func operation(_ id: String, of key: Key) async throws(ProfileError) -> OperationRecord? {
        try await receipt(try operationID(id, key), RecordID(collection: name, key: key))
    }

    /// Lists the operations of a profile in order of delivery, receipts included, from the store.
    ///
    /// - Parameters:
    ///   - sequence: Of the last one of the page before; 0 begins.
    ///   - limit: 1 to 1,000.
    /// - Throws: ``ProfileError``: `badInput`, `unavailable`.
    public func operations(
        of key: Key, after sequence: Int64 = 0, limit: Int = 100
    ) async throws(ProfileError) -> [OperationRecord] {
        let record = RecordID(collection: name, key: key)
        do {
            return try await host.store.operations(of: record, after: sequence, limit: limit)
        } catch {
            throw ProfileError(error, record: record)
        }
    }

    /// Lists the dead letters of the collection in order of delivery, with their payloads, from the store.
    ///
    /// - Parameters:
    ///   - sequence: Of the last one of the page before; 0 begins.
    ///   - limit: 1 to 1,000.
    /// - Throws: ``ProfileError``: `badInput`, `unavailable`.
    public func deadLetters(
        after sequence: Int64 = 0, limit: Int = 100
    ) async throws(ProfileError) -> [OperationRecord] {
        do {
            return try await host.store.deadOperations(in: name, after: sequence, limit: limit)
        } catch {
            throw ProfileError(error)
        }
    }

    /// Cancels an operation that is pending and has not begun; durable.
    ///
    /// The store decides: where a session's commit of its effect came first, the answer is `settled(.applied)`; where
    /// this came first, that commit is refused, and its session drops the effect.
    ///
    /// - Throws: ``ProfileError``: `badInput`, `unavailable`; after `outcomeUnknown` cancel again.
    public func cancelOperation(_ id: String, of key: Key) async throws(ProfileError) -> OperationCancellation {
        let record = RecordID(collection: name, key: key)
        let id = try operationID(id, key)
        do {
            let outcome = try await host.store.cancelOperation(id, of: record)
            host.receipts.signal(record)
            return outcome
        } catch {
            throw ProfileError(error, record: record)
        }
    }

    /// Makes an operation that is pending a dead letter, also one that has begun; durable.
    ///
    /// For what must stop and may be wanted later: it keeps its payload and how far its steps have come, and goes on
    /// with ``requeueOperation(_:of:as:)``. Against a session's commit the store decides as it does for
    /// ``cancelOperation(_:of:)``.
    ///
    /// - Parameter reason: Kept as the dead letter's last error, cut to 1,000 bytes.
    /// - Throws: ``ProfileError``: `badInput`, `unavailable`; after `outcomeUnknown` fail it again.
    public func failOperation(
        _ id: String, of key: Key, reason: String
    ) async throws(ProfileError) -> OperationFailure {
        let record = RecordID(collection: name, key: key)
        let id = try operationID(id, key)
        do {
            let outcome = try await host.store.failOperation(id, of: record, reason: reason)
            if outcome == .failed { host.metrics.operationDeadLetters.increment() }
            host.receipts.signal(record)
            return outcome
        } catch {
            throw ProfileError(error, record: record)
        }
    }

    /// Delivers a dead letter anew under another id; durable.
    ///
    /// The dead letter's receipt says `cancelled` from then on. One that died between two steps goes on with the step
    /// that failed.
    ///
    /// - Parameter newID: As the id of a delivery; keep it over retries, which then do nothing more.
    /// - Throws: ``ProfileError``: `badInput`, `unavailable`; after `outcomeUnknown` requeue again with the same ids.
    public func requeueOperation(
        _ id: String, of key: Key, as newID: String
    ) async throws(ProfileError) -> OperationRequeue {
        let record = RecordID(collection: name, key: key)
        let (id, newID) = (try operationID(id, key), try operationID(newID, key))
        let outcome: OperationRequeue
        do {
            outcome = try await host.store.requeueOperation(id, of: record, as: newID)
        } catch {
            throw ProfileError(error, record: record)
        }
        if outcome == .requeued { hint(record) }
        return outcome
    }

    /// Waits until an operation is settled, and returns its receipt: applied, dead, cancelled or expired.
    ///
    /// Told at once where the profile's session is on this server; otherwise the store is asked, at least every two
    /// seconds. Giving up changes nothing about the operation.
    ///
    /// - Parameter timeout: Default ``CoordinatorConfiguration/openTimeout``.
    /// - Throws: ``ProfileError``: `notFound` when it was never delivered to this profile, `deadline`, `cancelled`,
    ///   `badInput`, and what the store answered last when it could not be asked until the deadline.
    public func result(
        of id: String, key: Key, timeout: Duration? = nil
    ) async throws(ProfileError) -> OperationRecord {
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.openTimeout)
        let record = RecordID(collection: name, key: key)
        let operation = try operationID(id, key)
        var pause = Duration.milliseconds(50)
        var failure: ProfileError?
        while true {
            // Before the store is asked, so that no word of a commit is missed.
            let ticket = host.receipts.register(record)
            do throws(ProfileError) {
                let receipt = try await receipt(operation, record)
                guard let receipt else {
                    throw ProfileError(.notFound, "operation \(id) was never delivered to this profile", record: record)
                }
                if receipt.state != .pending {
                    host.receipts.drop(ticket)
                    return receipt
                }
                failure = nil
            } catch {
                failure = error
                guard error.isRetriable, ContinuousClock.now < deadline else {
                    host.receipts.drop(ticket)
                    throw error
                }
            }
            await host.receipts.wait(ticket, until: min(deadline, .now + pause))
            if Task.isCancelled {
                throw ProfileError(.cancelled, "the caller was cancelled; the operation goes on", record: record)
            }
            guard ContinuousClock.now < deadline else {
                throw failure
                    ?? ProfileError(.deadline, "operation \(id) was still pending at the deadline", record: record)
            }
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// Reads an operation, after settling it where its time is over.
    private func receipt(
        _ id: OperationID, _ record: RecordID
    ) async throws(ProfileError) -> OperationRecord? {
        do {
            let found = try await host.store.operation(id, of: record)
            guard let found, found.isExpired(atMillis: found.readAtMillis) else { return found }
            _ = try await host.store.expireOperations(of: record)
            return try await host.store.operation(id, of: record)
        } catch {
            throw ProfileError(error, record: record)
        }
    }
}
