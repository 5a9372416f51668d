// Parts, history, people and the generation.

extension InMemoryStore {
    /// Looks at every part of the record and sorts what it found.
    public func parts(
        of id: RecordID, startingWith prefix: [UInt8], after: PartName?, limit: Int
    ) async throws(StoreError) -> [Part] {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            state.records.parts.page(of: id, startingWith: prefix, after: after, limit: limit)
        }
    }

    /// See ``DurableStore/parts(of:names:)``.
    public func parts(of id: RecordID, names: [PartName]) async throws(StoreError) -> [Part?] {
        try DurableStoreLimits.checkParts(names)
        return try withDeployment { state throws(StoreError) in names.map { state.records.parts.part($0, of: id) } }
    }

    /// See ``DurableStore/partSummary(of:)``.
    public func partSummary(of id: RecordID) async throws(StoreError) -> (count: Int, bytes: Int) {
        try withDeployment { state throws(StoreError) in state.records.parts.summary(of: id) }
    }

    /// See ``DurableStore/history(of:before:limit:)``.
    public func history(
        of id: RecordID, before version: Int64?, limit: Int
    ) async throws(StoreError) -> [HistoryEntry] {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            state.records.history.entries(of: id, before: version, limit: limit)
        }
    }

    /// See ``DurableStore/historyContent(of:version:)``.
    public func historyContent(of id: RecordID, version: Int64) async throws(StoreError) -> Content? {
        try withDeployment { state throws(StoreError) in
            if let kept = state.records.history.content(of: id, version: version) { return kept }
            let row = state.records.rows[id]
            return row?.version == version ? row?.content : nil
        }
    }

    /// See ``DurableStore/keepCurrent(of:reason:)``.
    public func keepCurrent(of id: RecordID, reason: String) async throws(StoreError) -> Int64? {
        try KeepRule.validate(reason: reason)
        let now = now()
        return try withDeployment { state throws(StoreError) in
            state.records.keepCurrent(of: id, reason: reason, now)
        }
    }

    /// Looks at every kept version.
    public func pruneHistory(replacedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            state.records.history.prune(replacedBefore: millis, limit: limit)
        }
    }

    /// Looks at every row and sorts what it found.
    public func records(
        ofUser userID: String, after: RecordID?, limit: Int
    ) async throws(StoreError) -> [RecordID] {
        try DurableStoreLimits.checkPage(limit)
        try Erasure.validate(userID: userID)
        return try withDeployment { state throws(StoreError) in
            state.records.records(ofUser: userID, after: after, limit: limit)
        }
    }

    /// See ``DurableStore/erase(_:)``.
    public func erase(_ id: RecordID) async throws(StoreError) -> Bool {
        let now = now()
        return try withDeployment { state throws(StoreError) in state.records.erase(id, now) }
    }

    /// Looks at every kept version.
    public func eraseHistory(ofUser userID: String, limit: Int) async throws(StoreError) -> Int {
        try DurableStoreLimits.checkPage(limit)
        try Erasure.validate(userID: userID)
        return try withDeployment { state throws(StoreError) in
            state.records.history.erase(ofUser: userID, limit: limit)
        }
    }

    /// See ``DurableStore/rememberErasure(ofUser:)``.
    public func rememberErasure(ofUser userID: String) async throws(StoreError) {
        try Erasure.validate(userID: userID)
        let now = now()
        try withDeployment { state throws(StoreError) in
            let bytes = Array(userID.utf8)
            state.erasures[bytes] = max(state.erasures[bytes] ?? now, now)
        }
    }

    /// Looks at every remembered erasure and sorts what it found.
    public func erasures(after userID: String?, limit: Int) async throws(StoreError) -> [Erasure] {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            let found = state.erasures.filter { bytes, _ in
                userID.map { $0.utf8.lexicographicallyPrecedes(bytes) } ?? true
            }
            return found.sorted { $0.key.lexicographicallyPrecedes($1.key) }.prefix(limit).map { bytes, millis in
                Erasure(userID: String(decoding: bytes, as: UTF8.self), rememberedAtMillis: millis)
            }
        }
    }

    /// See ``DurableStore/verdict(of:)``.
    public func verdict(of trade: RandomID) async throws(StoreError) -> Decision.Verdict? {
        try withDeployment { state throws(StoreError) in state.decisions[trade] }
    }

    /// See ``DurableStore/bumpGeneration()``.
    public func bumpGeneration() async throws(StoreError) -> Int64 {
        let now = now()
        return try withDeployment { state throws(StoreError) in state.bumpGeneration(now) }
    }
}

extension InMemoryStore.State {
    /// Decides a trade unless it is decided; returns the verdict that stands.
    mutating func decide(_ decision: Decision) -> Decision.Verdict {
        let verdict = decisions[decision.trade] ?? decision.verdict
        decisions[decision.trade] = verdict
        return verdict
    }

    @discardableResult
    mutating func bumpGeneration(_ now: Int64) -> Int64 {
        let next = Deployment.generation(after: deployment?.generation ?? 0, now: now)
        deployment?.generation = next
        return next
    }
}
