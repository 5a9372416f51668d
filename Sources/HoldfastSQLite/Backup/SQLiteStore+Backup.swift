public import HoldfastStorage

extension SQLiteStore: BackupStore {
    /// A read transaction on a connection of its own; the log beside the file cannot shrink while it is open.
    public func openSnapshot() async throws(StoreError) -> any StoreSnapshot {
        _ = try await place(for: .history)
        return try await SQLiteSnapshot.open(ownConnection("holdfast.sqlite.backup"), deployment: name)
    }

    /// One immediate transaction on a connection of its own: whoever else writes waits, up to its busy timeout.
    ///
    /// Needs room for as much as the backup holds, in the log beside the file, until it is committed.
    public func beginReplacement() async throws(StoreError) -> any StoreReplacement {
        let deployment = try await number(for: .history)
        return try await SQLiteReplacement.begin(ownConnection("holdfast.sqlite.restore"), deployment: deployment)
    }
}
