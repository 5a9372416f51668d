public import HoldfastStorage

/// Brings an order to whoever holds a record, and the answer back.
///
/// The way goes through inboxes, which may lose a message: it is sent again until the deadline, and orders may be
/// carried out twice without harm.
public struct SessionCourier: Sendable {
    /// What became of an order.
    public enum Outcome: Sendable, Equatable {
        /// Nobody holds the record.
        case notHeld
        /// Its server does not beat; the lease is free once it ends or another server takes it over.
        case serverGone(LeaseDescription)
        /// Its server beats and has not answered in time.
        case noAnswer(LeaseDescription)
        /// What the server says.
        case answered(LeaseDescription, JSONValue)
    }

    private let backend: any CoordinationBackend

    /// Sends through this backend, which must be running.
    public init(backend: any CoordinationBackend) {
        self.backend = backend
    }

    /// Sends an order to the record's holder and waits for the answer.
    ///
    /// - Throws: ``CoordinationError`` when Redis cannot be reached.
    public func send(
        _ order: SessionOrder, for id: RecordID, timeout: Duration
    ) async throws(CoordinationError) -> Outcome {
        let deadline = ContinuousClock.now + timeout
        guard let lease = try await backend.inspect(id) else { return .notHeld }
        guard try await backend.server(lease.owner.server)?.boot == lease.owner.boot else { return .serverGone(lease) }
        let request = RandomID.random()
        let inbox = "order-\(request)"
        while ContinuousClock.now < deadline, !Task.isCancelled {
            try await backend.send(
                .order(order, id: id, request: request, replyTo: inbox), to: lease.owner.server)
            let wait = min(.seconds(1), deadline - .now)
            for message in try await backend.receive(server: inbox, wait: max(wait, .milliseconds(1))) {
                guard case .answer(id, request, let document) = message,
                    let answer = try? CanonicalJSON.parse(document)
                else { continue }
                return .answered(lease, answer)
            }
        }
        return .noAnswer(lease)
    }
}
