#if DEBUG
    import HoldfastStorage
    import Synchronization

    /// The fields of a record are committed, and its parts with the commit after that.
    final class PartsApartStore: StoreRelay {
        let store: any DurableStore
        private let late = Mutex<[RecordID: [PartWrite]]>([:])

        init(store: any DurableStore) {
            self.store = store
        }

        func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
            let delayed = group.map { request in
                guard case .commit(var commit) = request else { return request }
                for (index, write) in commit.writes.enumerated() {
                    guard case .content = write.change else { continue }
                    commit.writes[index].parts = late.withLock { late in
                        defer { late[write.id] = write.parts }
                        return late[write.id] ?? []
                    }
                }
                return .commit(commit)
            }
            return try await store.execute(delayed)
        }
    }

    /// Says that an operation is cancelled, whatever it is.
    struct EmptyCancelStore: StoreRelay {
        let store: any DurableStore

        func cancelOperation(_ id: OperationID, of record: RecordID) async throws(StoreError) -> OperationCancellation {
            .cancelled
        }
    }

    /// The far side of a trade is applied, and the trade's decision is not written with it.
    struct DecisionApartStore: StoreRelay {
        let store: any DurableStore

        func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
            let stripped = group.map { request in
                guard case .commit(var commit) = request, !commit.settlements.isEmpty else { return request }
                commit.decision = nil
                return .commit(commit)
            }
            return try await store.execute(stripped)
        }
    }
#endif
