public import HoldfastStorage

extension ProfileCollection {
    /// The kept versions of a profile as they are stored, read without a lease; contacts nothing by itself.
    public func history(_ key: Key) -> RecordHistory {
        RecordHistory(of: RecordID(collection: name, key: key), in: host.store)
    }

    /// Reads one version of a profile as a document of this collection, migrated in memory.
    ///
    /// - Throws: ``ProfileError``: `notFound` as ``RecordHistory/find(_:)``; `corrupt`, `newerSchema`, `unavailable`.
    public func version(_ selection: VersionSelection, of key: Key) async throws(ProfileError) -> Document {
        try await document(of: try await history(key).find(selection).content, key)
    }
}
