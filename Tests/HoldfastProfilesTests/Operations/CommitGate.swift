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

    /// A store that loses the answer to one group once the flag is set, and takes the flag back.
    static func losingAnswer(of memory: InMemoryStore, when isLost: Flag) -> FailingStore {
        FailingStore(memory) { call in
            guard call.isGroup, isLost.value else { return .none }
            isLost.value = false
            return .after()
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
