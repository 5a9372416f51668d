public import HoldfastStorage

extension CoordinationBackend {
    /// Tells whoever holds a record that an operation waits for it; fast, and nothing depends on it.
    public func hintOperations(of record: RecordID) async {
        guard let lease = try? await inspect(record) else { return }
        try? await send(.operations(id: record), to: lease.owner.server)
    }
}
