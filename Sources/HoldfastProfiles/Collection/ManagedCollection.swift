import HoldfastStorage

/// A collection as the coordinator's loops see it.
protocol ManagedCollection: Sendable {
    var name: CollectionName { get }
    /// The boards that scores are projected to.
    var boards: Set<String> { get }
    func sessions() -> [any ManagedSession]
    func session(_ key: Key) -> (any ManagedSession)?
    /// Whether `nonce` belongs to a load, a session, a restore or a repair of `key` here.
    func knows(_ nonce: RandomID, of key: Key) -> Bool
    /// Loads that have not become sessions yet.
    var loads: Int { get }
    func stopLoads()
}

extension ProfileCollection: ManagedCollection {
    var boards: Set<String> { Set(codec.projections.map(\.board)) }

    func sessions() -> [any ManagedSession] {
        entries.withLock { entries in
            entries.values.compactMap(\.session)
        }
    }

    func session(_ key: Key) -> (any ManagedSession)? {
        entries.withLock { $0[key]?.session }
    }

    func knows(_ nonce: RandomID, of key: Key) -> Bool {
        if restoring.withLock({ $0.contains(nonce) }) { return true }
        return switch entries.withLock({ $0[key] }) {
        case .loading(let loading): loading.nonce == nonce
        case .joining(_, let session), .open(let session): session.nonce == nonce
        case nil: false
        }
    }

    var loads: Int {
        entries.withLock { entries in
            entries.values.count { if case .loading = $0 { true } else { false } }
        }
    }

    func stopLoads() {
        for key in awaited.withLock({ Array($0.keys) }) {
            let id = RecordID(collection: name, key: key)
            arrived(key, .failure(ProfileError(.notReady, "the coordinator has stopped", record: id)))
        }
        for (key, ticket) in loadTickets() {
            ticket.resolve(
                .failure(
                    ProfileError(.notReady, "the coordinator has stopped", record: RecordID(collection: name, key: key))
                )
            )
        }
    }

    private func loadTickets() -> [(Key, Ticket<Session<Document>>)] {
        entries.withLock { entries in
            entries.compactMap { key, entry in
                switch entry {
                case .loading(let loading): (key, loading.ticket)
                case .joining(let ticket, _): (key, ticket)
                case .open: nil
                }
            }
        }
    }
}
