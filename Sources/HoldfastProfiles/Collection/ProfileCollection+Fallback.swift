import HoldfastCoordination
import HoldfastStorage

extension ProfileCollection {
    /// The marked session on the template that stands in for a load that met an outage; nil where the error stands.
    func fallback(
        for error: ProfileError, id: RecordID, began: ContinuousClock.Instant
    ) -> Session<Document>? {
        let outages: [ProfileError.Code] = [.unavailable, .outcomeUnknown, .deadline, .diskFull]
        guard case .unsaved = options.fallback, outages.contains(error.code), !readiness.isDraining,
            let loaded = try? codec.decode(nil, record: id)
        else { return nil }
        host.metrics.fallbacks.increment()
        host.logger.error(
            "a profile could not be loaded; the game plays on an unsaved fallback",
            metadata: ["holdfast.record": "\(id)", "holdfast.error": "\(error)"]
        )
        let machine = SessionMachine(
            nonce: .random(), generation: 0, token: 0, version: 0, saveID: nil, checksum: nil, leaseDeadline: .now)
        return Session(
            id: id, opening: Opening(origin: .free, took: .now - began),
            state: Session<Document>.State(
                machine: machine, loaded: loaded, beside: BesideFields(), storedBeside: BesideFields(),
                times: StoredTimes()),
            loadFailure: error,
            host: host, codec: codec, options: options
        ) { [weak self] session in self?.forget(session) }
    }
}
