/// The records of an ``InMemoryStore`` with their parts, history and operations.
struct InMemoryRecords {
    struct Row {
        var version: Int64 = 0
        var fence: Int64
        var owner: Owner?
        var saveID: RandomID?
        var content: Content?
        var createdAtMillis: Int64
        var updatedAtMillis: Int64

        var state: RowState { RowState(version: version, fence: fence, owner: owner, saveID: saveID) }
        var isListed: Bool { version > 0 && content != nil }
    }

    var rows: [RecordID: Row] = [:]
    var parts = InMemoryParts()
    var history = InMemoryHistory()
    var operations = InMemoryOperations()

    // MARK: - Requests of a group

    mutating func seal(_ request: SealRequest, generation: Int64, _ now: Int64) -> SealOutcome {
        switch FenceRules.seal(request, row: rows[request.id]?.state) {
        case .refuse(let row): return .stale(row)
        case .create:
            rows[request.id] = Row(
                fence: request.token, owner: request.owner, createdAtMillis: now, updatedAtMillis: now
            )
        case .take:
            rows[request.id]?.fence = request.token
            rows[request.id]?.owner = request.owner
        }
        guard let row = rows[request.id] else { return .stale(.missing) }
        return .sealed(
            SealedRecord(
                version: row.version, saveID: row.saveID, document: Self.document(of: row, hot: request.hot),
                createdAtMillis: row.createdAtMillis, updatedAtMillis: row.updatedAtMillis,
                pending: operations.pending(of: request.id, now), generation: generation
            )
        )
    }

    private static func document(of row: Row, hot: HotReference?) -> SealedDocument {
        guard let content = row.content else { return .none }
        let checksum = content.payload.checksum
        if FenceRules.matches(hot, version: row.version, saveID: row.saveID, checksum: checksum) {
            return .hotCopyMatches(schema: content.schema, userIDs: content.userIDs, metadata: content.metadata)
        }
        return .stored(content)
    }

    /// Why a commit must not be carried out, as far as its records and operations tell.
    func refusal(of request: CommitRequest) -> CommitOutcome? {
        let settled = request.settlements.filter { !operations.isPending($0.id, $0.record) }
        guard settled.isEmpty, request.writes.allSatisfy({ FenceRules.hits($0, row: rows[$0.id]?.state) }) else {
            return .refused(rows: request.writes.map { rows[$0.id]?.state }, settled: settled.map(\.id))
        }
        return nil
    }

    /// Writes records and settles operations of a commit that is not refused; the rest is left to the caller.
    mutating func apply(_ request: CommitRequest, _ now: Int64) {
        for write in request.writes { apply(write, now) }
        for settlement in request.settlements { operations.settle(settlement, now) }
        for delivery in request.deliveries { operations.insert(delivery, now) }
    }

    private mutating func apply(_ write: RecordWrite, _ now: Int64) {
        guard var row = rows[write.id] else { return }
        if let cutoff = write.keeps.cutoff(at: now), row.updatedAtMillis < cutoff { keep(row, write, now) }
        switch write.change {
        case .none: break
        case .content(let content):
            if row.version == 0 { row.createdAtMillis = now }
            row.content = content
            parts.apply(write.parts, of: write.id, version: row.version + 1)
        case .tombstone:
            row.content = nil
            parts.removeAll(of: write.id)
            row.fence += 1
            row.owner = nil
        }
        let writesData = if case .none = write.change { false } else { true }
        if writesData {
            row.version += 1
            row.saveID = write.saveID
            row.updatedAtMillis = now
        }
        if write.releases { row.owner = nil }
        rows[write.id] = row
    }

    /// Keeps what a write is about to replace.
    private mutating func keep(_ row: Row, _ write: RecordWrite, _ now: Int64) {
        let isDeletion: Bool
        switch write.change {
        case .none: return
        case .content: isDeletion = false
        case .tombstone: isDeletion = true
        }
        history.keep(row, of: write.id, reason: write.keeps.reason, isDeletion: isDeletion, now)
    }

    // MARK: - Reads

    func record(_ id: RecordID) -> Record? {
        rows[id].map { row in
            Record(
                id: id, version: row.version, fence: row.fence, owner: row.owner, saveID: row.saveID,
                content: row.content, createdAtMillis: row.createdAtMillis, updatedAtMillis: row.updatedAtMillis
            )
        }
    }

    /// Looks at every row and sorts what it found.
    func list(
        _ collection: CollectionName, startingWith prefix: [UInt8], after: Key?, limit: Int
    ) -> [RecordSummary] {
        let found = rows.filter { id, row in
            id.collection == collection && row.isListed && id.key.bytes.starts(with: prefix)
                && after.map { $0 < id.key } ?? true
        }
        return found.sorted { $0.key < $1.key }.prefix(limit).compactMap { id, row in
            row.content.map { content in
                RecordSummary(
                    key: id.key, version: row.version, schema: content.schema,
                    storedBytes: content.payload.bytes.count, documentBytes: content.payload.documentBytes,
                    updatedAtMillis: row.updatedAtMillis
                )
            }
        }
    }

    func collections() -> [(name: CollectionName, records: Int)] {
        let counts = rows.reduce(into: [CollectionName: Int]()) { counts, row in
            if row.value.isListed { counts[row.key.collection, default: 0] += 1 }
        }
        return counts.sorted { $0.key < $1.key }.map { (name: $0.key, records: $0.value) }
    }
}
