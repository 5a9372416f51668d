package import HoldfastStorage

/// How documents are kept whose bulk is stored in parts of the record, beside the JSON: worlds and their chunks.
///
/// Parts belong to the document as its fields do. An edit, a transaction and a refused save treat them alike, and a
/// save writes those that changed in the commit of the document.
package struct PartCoding<Document: Sendable>: Sendable {
    /// What a store lacks of the document that has parts with these checksums.
    package let changes: @Sendable (Document, _ stored: [PartName: UInt64]) throws -> [PartWrite]
    /// Takes note in a document of a save of `written`; the document itself may have been changed since.
    package let saved: @Sendable (_ document: inout Document, _ written: Document, SavedParts) -> Void
    /// Puts stored parts into a document that was just read.
    package let take: @Sendable (inout Document, [Part]) throws -> Void
    /// Gives a document that was made anew from its JSON the parts of the one before.
    package let keep: @Sendable (inout Document, _ before: Document) -> Void
    /// Checks that a document may come after the one before, in a session whose store has parts with these checksums.
    package let follow: @Sendable (inout Document, _ before: Document, _ stored: [PartName: UInt64]) throws -> Void

    /// Joins the five steps.
    package init(
        changes: @escaping @Sendable (Document, [PartName: UInt64]) throws -> [PartWrite],
        saved: @escaping @Sendable (inout Document, Document, SavedParts) -> Void,
        take: @escaping @Sendable (inout Document, [Part]) throws -> Void,
        keep: @escaping @Sendable (inout Document, Document) -> Void,
        follow: @escaping @Sendable (inout Document, Document, [PartName: UInt64]) throws -> Void
    ) {
        self.changes = changes
        self.saved = saved
        self.take = take
        self.keep = keep
        self.follow = follow
    }

    /// Reads all parts of a record whose row has this version, and names what the store has by its checksum.
    ///
    /// - Throws: ``ProfileError``: `held` when a part is newer than that, since another session has saved meanwhile;
    ///   `unavailable`; `corrupt` when the parts do not belong into such a document.
    package func load(
        into document: inout Document, of id: RecordID, version: Int64, from store: any DurableStore
    ) async throws(ProfileError) -> [PartName: UInt64] {
        var stored: [PartName: UInt64] = [:]
        var last: PartName?
        repeat {
            let page: [Part]
            do {
                page = try await store.parts(of: id, startingWith: [], after: last, limit: 1_000)
            } catch {
                throw ProfileError(error, record: id)
            }
            guard page.allSatisfy({ $0.version <= version }) else {
                throw ProfileError(.held, "another session saved the record during the load", record: id)
            }
            do {
                try take(&document, page)
            } catch {
                throw ProfileError(.corrupt, "a stored part does not fit: \(error)", record: id, underlying: error)
            }
            for part in page { stored[part.name] = part.payload.checksum }
            last = page.count == 1_000 ? page.last?.name : nil
        } while last != nil
        return stored
    }
}

/// What a save did to a record's parts.
package struct SavedParts: Sendable {
    /// What was written.
    package let writes: [PartWrite]
    /// The checksums of all parts that the store has now.
    package let stored: [PartName: UInt64]
}
