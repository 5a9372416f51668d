import HoldfastStorage

/// What travels beside a document, as it was last stored.
struct BesideFields: Sendable, Equatable {
    var userIDs: [String] = []
    var metadata: [UInt8]?

    /// Refuses what no save could bring to the store.
    func check(record: RecordID) throws(ProfileError) {
        guard userIDs.count <= Content.maximumUserIDs,
            userIDs.allSatisfy({ $0.utf8.count <= Erasure.maximumUserIDBytes })
        else {
            throw ProfileError(
                .badInput,
                "a record names at most \(Content.maximumUserIDs) user ids of \(Erasure.maximumUserIDBytes) bytes each",
                record: record)
        }
    }
}
