import HoldfastStorage

/// Metadata as it lies in the store, where nothing but its writer has ever looked at it.
enum StoredMetadata {
    /// Returns the metadata in canonical form, so that it may stand in a line of JSON; nil stays nil.
    ///
    /// - Throws: ``StoreError`` with code `corrupt` when it is not JSON.
    static func checked(_ metadata: [UInt8]?) throws(StoreError) -> [UInt8]? {
        guard let metadata else { return nil }
        do {
            return try CanonicalJSON.write(CanonicalJSON.parse(metadata))
        } catch {
            throw StoreError(.corrupt, "the stored metadata is not JSON", underlying: error)
        }
    }
}
