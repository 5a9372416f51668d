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
    /// In order of delivery.
    var operations: [RecordID: [OperationRecord]] = [:]
    private var lastSequence: Int64 = 0

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
                pending: pending(of: request.id), generation: generation
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
        let settled = request.settlements.filter { settlement in
            position(of: settlement.id, settlement.record).map {
                operations[settlement.record]?[$0].state != .pending
            } ?? true
        }
        guard settled.isEmpty, request.writes.allSatisfy({ FenceRules.hits($0, row: rows[$0.id]?.state) }) else {
            return .refused(rows: request.writes.map { rows[$0.id]?.state }, settled: settled.map(\.id))
        }
        return nil
    }

    /// Writes records and settles operations of a commit that is not refused; the rest is left to the caller.
    mutating func apply(_ request: CommitRequest, _ now: Int64) {
        for write in request.writes { apply(write, now) }
        for settlement in request.settlements { settle(settlement, now) }
        for delivery in request.deliveries where position(of: delivery.id, delivery.record) == nil {
            append(delivery, now)
        }
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

    private mutating func settle(_ settlement: Settlement, _ now: Int64) {
        guard let index = position(of: settlement.id, settlement.record),
            let old = operations[settlement.record]?[index]
        else { return }
        operations[settlement.record]?[index] = OperationRecord(
            record: old.record, id: old.id, type: old.type, payload: old.payload, state: settlement.state,
            attempts: settlement.attempts, lastError: settlement.storedError, sequence: old.sequence,
            deliveredAtMillis: old.deliveredAtMillis, finishedAtMillis: settlement.state == .pending ? nil : now
        )
    }

    mutating func deliver(_ delivery: Delivery, _ now: Int64) -> DeliveryOutcome {
        if let index = position(of: delivery.id, delivery.record),
            let existing = operations[delivery.record]?[index]
        {
            return FenceRules.redelivery(delivery, of: existing)
        }
        guard pending(of: delivery.record).count < DurableStoreLimits.pending else { return .full }
        append(delivery, now)
        return .delivered
    }

    private mutating func append(_ delivery: Delivery, _ now: Int64) {
        lastSequence += 1
        operations[delivery.record, default: []].append(
            OperationRecord(
                record: delivery.record, id: delivery.id, type: delivery.type, payload: delivery.payload,
                state: .pending, attempts: 0, lastError: nil, sequence: lastSequence, deliveredAtMillis: now,
                finishedAtMillis: nil
            )
        )
    }

    private func position(of id: OperationID, _ record: RecordID) -> Int? {
        operations[record]?.firstIndex { $0.id == id }
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

    func pending(of record: RecordID) -> [OperationRecord] {
        Array((operations[record] ?? []).lazy.filter { $0.state == .pending }.prefix(DurableStoreLimits.pending))
    }

    func operations(of record: RecordID, after sequence: Int64, limit: Int) -> [OperationRecord] {
        Array((operations[record] ?? []).filter { $0.sequence > sequence }.prefix(limit))
    }

    func operation(_ id: OperationID, of record: RecordID) -> OperationRecord? {
        operations[record]?.first { $0.id == id }
    }
}
