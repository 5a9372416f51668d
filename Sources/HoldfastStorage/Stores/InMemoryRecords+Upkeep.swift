// What is done to records without a session.

extension InMemoryRecords {
    /// See ``DurableStore/raiseFence(of:unlessAbove:)``.
    mutating func raiseFence(of id: RecordID, unlessAbove token: Int64?) -> Int64? {
        guard let fence = rows[id]?.fence, fence <= token ?? fence else { return nil }
        rows[id]?.fence = (token ?? fence) + 1
        rows[id]?.owner = nil
        return rows[id]?.fence
    }

    /// The records' part of ``DurableStore/settleRestore(from:)``.
    mutating func raiseFences(after: RecordID?) -> RestoreStep {
        let behind = rows.keys.filter { id in after.map { $0 < id } ?? true }
        let page = behind.sorted().prefix(RestorePosition.stepRows)
        for id in page {
            rows[id]?.fence += 1
            rows[id]?.owner = nil
        }
        let isLast = page.count < RestorePosition.stepRows
        return RestoreStep(
            records: page.count, spaces: 0, next: isLast ? .spaces(after: 0) : .records(after: page.last))
    }

    /// See ``DurableStore/keepCurrent(of:reason:)``.
    mutating func keepCurrent(of id: RecordID, reason: String, _ now: Int64) -> Int64? {
        guard let row = rows[id], row.content != nil else { return nil }
        history.keep(row, of: id, reason: reason, isDeletion: false, now)
        return row.version
    }

    /// See ``DurableStore/erase(_:)``.
    mutating func erase(_ id: RecordID, _ now: Int64) -> Bool {
        var erased = history.removeAll(of: id)
        if parts.removeAll(of: id) { erased = true }
        if operations.erase(id, now) { erased = true }
        guard var row = rows[id], row.content != nil || row.owner != nil else { return erased }
        if row.content != nil {
            row.version += 1
            row.saveID = .random()
            row.updatedAtMillis = now
        }
        row.content = nil
        row.fence += 1
        row.owner = nil
        rows[id] = row
        return true
    }

    /// Looks at every row.
    func totals(of collection: CollectionName) -> CollectionTotals {
        var totals = CollectionTotals()
        for (id, row) in rows where id.collection == collection && row.isListed {
            guard let payload = row.content?.payload else { continue }
            totals.records += 1
            totals.documentBytes += payload.documentBytes
            totals.storedBytes += payload.bytes.count
            totals.largestDocumentBytes = max(totals.largestDocumentBytes, payload.documentBytes)
        }
        (totals.parts, totals.partBytes) = parts.summary(of: collection)
        (totals.versions, totals.versionBytes) = history.summary(of: collection)
        totals.pendingOperations = operations.pendingCount(of: collection)
        return totals
    }

    /// Looks at every row and sorts what it found.
    func records(ofUser userID: String, after: RecordID?, limit: Int) -> [RecordID] {
        let found = rows.filter { id, row in
            row.content?.userIDs.contains { $0.utf8.elementsEqual(userID.utf8) } == true
                && after.map { $0 < id } ?? true
        }
        return Array(found.keys.sorted().prefix(limit))
    }
}
