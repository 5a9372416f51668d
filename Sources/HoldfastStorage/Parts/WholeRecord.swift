/// A record with all its parts, as of one version.
package struct WholeRecord: Sendable {
    /// The row, which holds something.
    package let record: Record
    /// In order of name.
    package let parts: [Part]
}

extension DurableStore {
    /// Reads a record with all its parts as of one version; nil where it holds nothing.
    ///
    /// One that is saved meanwhile is read again. Takes memory for all of it.
    ///
    /// - Throws: ``StoreError``: `unavailable`, also when it was saved during each of five readings.
    package func whole(_ id: RecordID) async throws(StoreError) -> WholeRecord? {
        for _ in 0..<5 {
            guard let record = try await read(id), record.content != nil else { return nil }
            let parts = try await allParts(of: id)
            // Every write of data, that of a part too, sets a new one.
            if try await read(id)?.saveID == record.saveID { return WholeRecord(record: record, parts: parts) }
        }
        throw StoreError(.unavailable, "\(id) was saved during each of five readings")
    }

    /// Reads all parts of a record in order of name, a page at a time.
    package func allParts(of id: RecordID) async throws(StoreError) -> [Part] {
        var all: [Part] = []
        while true {
            let page = try await parts(
                of: id, startingWith: [], after: all.last?.name, limit: DurableStoreLimits.page)
            all += page
            if page.count < DurableStoreLimits.page { return all }
        }
    }
}
