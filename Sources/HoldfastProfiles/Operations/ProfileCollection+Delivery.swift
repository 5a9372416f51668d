public import HoldfastStorage

extension ProfileCollection {
    /// Delivers an operation to a profile, open or not, here or anywhere; durable.
    ///
    /// It takes effect once, however often it is delivered with this id. An online owner is told at once.
    ///
    /// - Parameters:
    ///   - id: 1 to 200 bytes, unique for ever within the profile; choose it before the first try and keep it.
    ///   - timeToLive: 1 ms to 400 days: how long it may wait for a session that applies it. One that did not begin by
    ///     then settles as `expired` and never takes effect. Nil waits for ever.
    ///   - delay: How long sessions leave it alone at first; at most 400 days.
    /// - Returns: Whether it is new, a repetition, an id taken by another operation, or refused since the profile has
    ///   1,000 pending operations.
    /// - Throws: ``ProfileError``: `badInput`, `unavailable`; after `outcomeUnknown` deliver again with the same id.
    @discardableResult
    public func deliver(
        _ operation: some DeliverableOperation<Document>, to key: Key, id: String, timeToLive: Duration? = nil,
        delay: Duration = .zero, timeout: Duration? = nil
    ) async throws(ProfileError) -> DeliveryOutcome {
        let payload: [UInt8]
        do {
            payload = try CanonicalJSON.write(try DocumentEncoder().encode(operation))
        } catch {
            throw ProfileError(
                .badInput, "the operation cannot be stored: \(error)", record: RecordID(collection: name, key: key),
                underlying: error)
        }
        let delivery = Delivery(
            record: RecordID(collection: name, key: key), id: try operationID(id, key),
            type: type(of: operation).name, payload: payload,
            timeToLiveMillis: timeToLive.map(\.wholeMilliseconds), delayMillis: delay.wholeMilliseconds)
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.saveTimeout)
        try await readiness.wait(until: deadline)
        let outcome: DeliveryOutcome
        do {
            outcome = try await host.diagnostics.inStep(
                .operation("deliver", delivery.id, type: delivery.type, of: delivery.record), outcome: \.word
            ) { () async throws(StoreError) in
                try await host.committer.deliver(delivery, timeout: max(.milliseconds(1), deadline - .now))
            }
        } catch {
            throw ProfileError(error, record: delivery.record)
        }
        if outcome == .delivered { hint(delivery.record) }
        return outcome
    }

    func operationID(_ id: String, _ key: Key) throws(ProfileError) -> OperationID {
        do {
            return try OperationID(id)
        } catch {
            throw ProfileError(error, record: RecordID(collection: name, key: key))
        }
    }

    /// Tells the owner that something waits; if this is lost, the next renewal finds it.
    func hint(_ record: RecordID) {
        // A fallback is not the owner: who is may be told.
        if let session = session(record.key), !session.isFallback { return host.hints.add(record) }
        host.jobs.submit { [host] in await host.backend.hintOperations(of: record) }
    }
}
