/// What a collection holds, added up by the store.
public struct CollectionTotals: Sendable, Equatable {
    /// Saved records.
    public var records: Int
    /// Their documents as canonical JSON.
    public var documentBytes: Int
    /// Their payloads as stored, format byte included.
    public var storedBytes: Int
    /// The largest document as canonical JSON.
    public var largestDocumentBytes: Int
    /// Parts of all records, and their payloads.
    public var parts: Int, partBytes: Int
    /// Kept versions, and their payloads as stored.
    public var versions: Int, versionBytes: Int
    /// Operations that are pending, those included that wait for their time.
    public var pendingOperations: Int

    /// Joins the sums as a store found them; all zero unless told otherwise.
    public init(
        records: Int = 0, documentBytes: Int = 0, storedBytes: Int = 0, largestDocumentBytes: Int = 0, parts: Int = 0,
        partBytes: Int = 0, versions: Int = 0, versionBytes: Int = 0, pendingOperations: Int = 0
    ) {
        self.records = records
        self.documentBytes = documentBytes
        self.storedBytes = storedBytes
        self.largestDocumentBytes = largestDocumentBytes
        self.parts = parts
        self.partBytes = partBytes
        self.versions = versions
        self.versionBytes = versionBytes
        self.pendingOperations = pendingOperations
    }
}
