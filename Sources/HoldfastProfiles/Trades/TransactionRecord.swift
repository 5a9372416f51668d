public import HoldfastStorage

/// A record that a transaction opens for itself, whatever its document type.
public struct TransactionRecord: Sendable {
    /// The record's name.
    public let id: RecordID
    /// Opens it here unless somebody else is using it.
    let open: @Sendable (_ timeout: Duration) async throws(ProfileError) -> any TransactionPart
}

extension ProfileCollection {
    /// Names a profile for a transaction that opens it for itself; contacts nobody.
    public func record(_ key: Key) -> TransactionRecord {
        TransactionRecord(id: RecordID(collection: name, key: key)) { timeout throws(ProfileError) in
            try await self.open(key, timeout: timeout, waits: false)
        }
    }
}
