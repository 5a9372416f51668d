// Parts, history, people and the generation.

extension StoreRelay {
    /// Reads from the wrapped store.
    public func parts(
        of id: RecordID, startingWith prefix: [UInt8], after: PartName?, limit: Int
    ) async throws(StoreError) -> [Part] {
        try await run(.parts, of: id) { store async throws(StoreError) in
            try await store.parts(of: id, startingWith: prefix, after: after, limit: limit)
        }
    }

    /// Reads from the wrapped store.
    public func parts(of id: RecordID, names: [PartName]) async throws(StoreError) -> [Part?] {
        try await run(.parts, of: id) { store async throws(StoreError) in try await store.parts(of: id, names: names) }
    }

    /// Asks the wrapped store; a call of kind `parts`.
    public func partSummary(of id: RecordID) async throws(StoreError) -> (count: Int, bytes: Int) {
        try await run(.parts, of: id) { store async throws(StoreError) in try await store.partSummary(of: id) }
    }

    /// Reads from the wrapped store.
    public func history(
        of id: RecordID, before version: Int64?, limit: Int
    ) async throws(StoreError) -> [HistoryEntry] {
        try await run(.history, of: id) { store async throws(StoreError) in
            try await store.history(of: id, before: version, limit: limit)
        }
    }

    /// Reads from the wrapped store; a call of kind `history`.
    public func historyContent(of id: RecordID, version: Int64) async throws(StoreError) -> Content? {
        try await run(.history, of: id) { store async throws(StoreError) in
            try await store.historyContent(of: id, version: version)
        }
    }

    /// Keeps a version in the wrapped store.
    public func keepCurrent(of id: RecordID, reason: String) async throws(StoreError) -> Int64? {
        try await run(.keepCurrent, of: id) { store async throws(StoreError) in
            try await store.keepCurrent(of: id, reason: reason)
        }
    }

    /// Prunes the wrapped store.
    public func pruneHistory(replacedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int {
        try await run(.pruneHistory) { store async throws(StoreError) in
            try await store.pruneHistory(replacedBefore: millis, limit: limit)
        }
    }

    /// Asks the wrapped store.
    public func records(
        ofUser userID: String, after: RecordID?, limit: Int
    ) async throws(StoreError) -> [RecordID] {
        try await run(.recordsOfUser) { store async throws(StoreError) in
            try await store.records(ofUser: userID, after: after, limit: limit)
        }
    }

    /// Erases in the wrapped store.
    public func erase(_ id: RecordID) async throws(StoreError) -> Bool {
        try await run(.erase, of: id) { store async throws(StoreError) in try await store.erase(id) }
    }

    /// Asks the wrapped store.
    public func totals(of collection: CollectionName) async throws(StoreError) -> CollectionTotals {
        try await run(.totals) { store async throws(StoreError) in try await store.totals(of: collection) }
    }

    /// Erases in the wrapped store.
    public func eraseHistory(ofUser userID: String, limit: Int) async throws(StoreError) -> Int {
        try await run(.eraseHistory) { store async throws(StoreError) in
            try await store.eraseHistory(ofUser: userID, limit: limit)
        }
    }

    /// Remembers in the wrapped store.
    public func rememberErasure(ofUser userID: String) async throws(StoreError) {
        try await run(.rememberErasure) { store async throws(StoreError) in
            try await store.rememberErasure(ofUser: userID)
        }
    }

    /// Asks the wrapped store.
    public func erasures(after userID: String?, limit: Int) async throws(StoreError) -> [Erasure] {
        try await run(.erasures) { store async throws(StoreError) in
            try await store.erasures(after: userID, limit: limit)
        }
    }

    /// Asks the wrapped store.
    public func verdict(of trade: RandomID) async throws(StoreError) -> Decision.Verdict? {
        try await run(.verdict) { store async throws(StoreError) in try await store.verdict(of: trade) }
    }

    /// Raises the generation of the wrapped store.
    public func bumpGeneration() async throws(StoreError) -> Int64 {
        try await run(.bumpGeneration) { store async throws(StoreError) in try await store.bumpGeneration() }
    }
}
