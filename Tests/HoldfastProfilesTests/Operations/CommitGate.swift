import HoldfastStorage

extension FailingStore {
    /// A store before which a test may act when a session commits.
    static func meetingCommits(
        of memory: InMemoryStore, _ body: @escaping @Sendable (CommitRequest) async -> FailingStore.Fault
    ) -> FailingStore {
        FailingStore(memory) { call in
            guard case .execute(let group) = call.kind else { return .none }
            for case .commit(let commit) in group {
                let fault = await body(commit)
                if case .none = fault { continue }
                return fault
            }
            return .none
        }
    }
}

extension CommitRequest {
    func settles(_ id: String) -> Bool {
        settlements.contains { $0.id.description == id }
    }
}

extension InMemoryStore {
    /// As another server would, or an operator.
    func cancel(_ id: String, in collection: String = "shop", key: Key = Key(1)) async {
        guard let id = try? OperationID(id), let name = try? CollectionName(collection) else { return }
        _ = try? await cancelOperation(id, of: RecordID(collection: name, key: key))
    }
}
