import Synchronization

extension InMemoryStore: BackupStore {
    /// Lists every row under the store's lock; what they hold is shared.
    public func openSnapshot() async throws(StoreError) -> any StoreSnapshot {
        try withDeployment { state throws(StoreError) in
            InMemorySnapshot(deployment: state.deployment!, rows: state.backupRows())
        }
    }

    /// Gathers rows, and swaps them in at the end.
    public func beginReplacement() async throws(StoreError) -> any StoreReplacement {
        let start = try withDeployment { state throws(StoreError) in
            var start = State()
            start.deployment = state.deployment
            start.erasures = state.erasures
            return start
        }
        return InMemoryReplacement(store: self, start: start)
    }
}

/// The rows of an ``InMemoryStore`` at one moment, handed out page by page.
final class InMemorySnapshot: StoreSnapshot {
    let deployment: Deployment
    private let rest: Mutex<ArraySlice<BackupRow>>

    init(deployment: Deployment, rows: [BackupRow]) {
        self.deployment = deployment
        rest = Mutex(rows[...])
    }

    func next() async throws(StoreError) -> [BackupRow]? {
        rest.withLock { rest in
            var page = BackupPage()
            while !page.isFull, let row = rest.popFirst() { page.append(row) }
            return page.list.isEmpty ? nil : page.list
        }
    }

    func close() async {
        rest.withLock { $0 = [] }
    }
}

/// What is to take the place of an ``InMemoryStore``'s rows.
final class InMemoryReplacement: StoreReplacement {
    private let store: InMemoryStore
    private let draft: Mutex<InMemoryStore.State>
    private let spaces = Mutex<[Int64: InMemoryStore.State.Space]>([:])

    init(store: InMemoryStore, start: InMemoryStore.State) {
        self.store = store
        draft = Mutex(start)
    }

    func add(_ rows: [BackupRow]) async throws(StoreError) {
        try draft.withLock { draft throws(StoreError) in
            try spaces.withLock { spaces throws(StoreError) in
                for row in rows { try draft.add(row, &spaces) }
            }
        }
    }

    func commit(_ identity: RestoredIdentity) async throws(StoreError) {
        let done = draft.withLock { $0 }
        try store.withDeployment { state throws(StoreError) in
            state = done
            state.deployment?.id = identity.id
            state.deployment?.generation = identity.generation
            state.deployment?.timings = identity.timings
        }
    }

    func abandon() async {}
}
