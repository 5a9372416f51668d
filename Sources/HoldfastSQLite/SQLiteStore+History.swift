import HoldfastStorage

// What needs layout 3, which this backend does not have yet.

extension SQLiteStore {
    /// Throws `unavailable`.
    public func parts(
        of id: RecordID, startingWith prefix: [UInt8], after: PartName?, limit: Int
    ) async throws(StoreError) -> [Part] {
        throw Self.needsLayout3()
    }

    /// Throws `unavailable`.
    public func parts(of id: RecordID, names: [PartName]) async throws(StoreError) -> [Part?] {
        throw Self.needsLayout3()
    }

    /// Throws `unavailable`.
    public func partSummary(of id: RecordID) async throws(StoreError) -> (count: Int, bytes: Int) {
        throw Self.needsLayout3()
    }

    /// Throws `unavailable`.
    public func history(
        of id: RecordID, before version: Int64?, limit: Int
    ) async throws(StoreError) -> [HistoryEntry] {
        throw Self.needsLayout3()
    }

    /// Throws `unavailable`.
    public func historyContent(of id: RecordID, version: Int64) async throws(StoreError) -> Content? {
        throw Self.needsLayout3()
    }

    /// Throws `unavailable`.
    public func keepCurrent(of id: RecordID, reason: String) async throws(StoreError) -> Int64? {
        throw Self.needsLayout3()
    }

    /// Throws `unavailable`.
    public func pruneHistory(replacedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int {
        throw Self.needsLayout3()
    }

    /// Throws `unavailable`.
    public func records(
        ofUser userID: String, after: RecordID?, limit: Int
    ) async throws(StoreError) -> [RecordID] {
        throw Self.needsLayout3()
    }

    /// Throws `unavailable`.
    public func erase(_ id: RecordID) async throws(StoreError) -> Bool {
        throw Self.needsLayout3()
    }

    /// Throws `unavailable`.
    public func rememberErasure(ofUser userID: String) async throws(StoreError) {
        throw Self.needsLayout3()
    }

    /// Throws `unavailable`.
    public func erasures(after userID: String?, limit: Int) async throws(StoreError) -> [Erasure] {
        throw Self.needsLayout3()
    }

    /// Throws `unavailable`.
    public func bumpGeneration() async throws(StoreError) -> Int64 {
        throw Self.needsLayout3()
    }

    private static func needsLayout3() -> StoreError {
        StoreError(.unavailable, "this store has no parts, history or generation yet")
    }
}
