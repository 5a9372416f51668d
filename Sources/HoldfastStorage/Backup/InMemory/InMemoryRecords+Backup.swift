// Records with their parts, history and operations as a backup has them, and back.

extension InMemoryRecords {
    func backupRows() -> [BackupRow] {
        var list: [BackupRow] = rows.map { Self.row($0.key, $0.value) }
        for (id, part) in parts.all {
            list.append(
                BackupRow(
                    .part,
                    Self.values(id) + [
                        .blob(part.name.bytes), .integer(part.version),
                        .integer(Int64(bitPattern: part.payload.checksum)), .blob(part.payload.bytes),
                    ]))
        }
        for (id, entry, content) in history.all {
            list.append(
                BackupRow(
                    .history,
                    Self.values(id) + [
                        .integer(entry.version), .integer(Int64(content.schema)),
                        .integer(Int64(bitPattern: content.payload.checksum)),
                        .integer(Int64(content.payload.documentBytes)), .integer(entry.updatedAtMillis),
                        .integer(entry.replacedAtMillis), .integer(entry.isDeletion ? 1 : 0),
                        BackupValue(entry.reason), .text(content.userIDsText), BackupValue(content.metadata),
                        .blob(content.payload.bytes),
                    ]))
        }
        return list + operations.inOrder.map(Self.row)
    }

    private static func values(_ id: RecordID) -> [BackupValue] {
        [.text(id.collection.description), .blob(id.key.bytes)]
    }

    private static func row(_ id: RecordID, _ row: Row) -> BackupRow {
        let content = row.content
        return BackupRow(
            .record,
            values(id) + [
                .integer(row.version), .integer(row.fence), BackupValue(row.owner?.nonce),
                BackupValue(row.owner?.server), BackupValue(row.owner?.boot), BackupValue(row.saveID),
                .integer(row.createdAtMillis), .integer(row.updatedAtMillis),
                BackupValue(content.map { Int64($0.schema) }),
                BackupValue(content.map { Int64(bitPattern: $0.payload.checksum) }),
                BackupValue(content.map { Int64($0.payload.documentBytes) }), BackupValue(content?.userIDsText),
                BackupValue(content?.metadata), BackupValue(content?.payload.bytes),
            ])
    }

    private static func row(_ operation: OperationRecord) -> BackupRow {
        BackupRow(
            .operation,
            values(operation.record) + [
                .blob(Array(operation.id.description.utf8)), .text(operation.type), .blob(operation.payload),
                .text(operation.state.rawValue), .integer(Int64(operation.attempts)), BackupValue(operation.lastError),
                .integer(operation.deliveredAtMillis), BackupValue(operation.finishedAtMillis),
                BackupValue(operation.expiresAtMillis), BackupValue(operation.dueAtMillis),
                BackupValue(operation.progress),
            ])
    }

    /// Adds a row that was validated.
    mutating func add(_ row: BackupRow) throws(StoreError) {
        let id = try row.record()
        switch row.table {
        case .record:
            var owner: Owner?
            if let nonce = row.optionalID("owner_nonce"), let server = row.optionalText("owner_server"),
                let boot = row.optionalID("owner_boot")
            {
                owner = Owner(nonce: nonce, server: server, boot: boot)
            }
            rows[id] = Row(
                version: try row.integer("version"), fence: try row.integer("fence"), owner: owner,
                saveID: row.optionalID("save_id"), content: try Self.content(row),
                createdAtMillis: try row.integer("created_at"), updatedAtMillis: try row.integer("updated_at"))
        case .part:
            parts.add(
                Part(
                    name: try PartName(bytes: try row.bytes("name")), version: try row.integer("version"),
                    payload: PartPayload(
                        bytes: try row.bytes("payload"), checksum: UInt64(bitPattern: try row.integer("checksum")))),
                to: id)
        case .history:
            guard let content = try Self.content(row) else { throw BackupRow.corrupt(.history, "has no content") }
            history.add(
                HistoryEntry(
                    version: try row.integer("version"), schema: content.schema,
                    updatedAtMillis: try row.integer("updated_at"), replacedAtMillis: try row.integer("replaced_at"),
                    reason: row.optionalText("reason"), storedBytes: content.payload.bytes.count,
                    documentBytes: content.payload.documentBytes, isDeletion: try row.integer("deletion") != 0),
                content, of: id)
        default: operations.add(try Self.operation(row, id))
        }
    }

    private static func content(_ row: BackupRow) throws(StoreError) -> Content? {
        guard let payload = row.optionalBytes("payload") else { return nil }
        guard let names = Content.userIDs(fromText: try row.text("user_ids")) else {
            throw BackupRow.corrupt(row.table, "names nobody in a form that is known")
        }
        return Content(
            payload: Payload(
                bytes: payload, checksum: UInt64(bitPattern: try row.integer("checksum")),
                documentBytes: Int(try row.integer("document_bytes"))),
            schema: Int(try row.integer("schema")), userIDs: names, metadata: row.optionalBytes("metadata"))
    }

    private static func operation(_ row: BackupRow, _ id: RecordID) throws(StoreError) -> OperationRecord {
        guard let state = OperationState(rawValue: try row.text("state")),
            let name = String(validating: try row.bytes("id"), as: UTF8.self)
        else { throw BackupRow.corrupt(.operation, "has no known state or id") }
        return OperationRecord(
            record: id, id: try OperationID(name), type: try row.text("type"), payload: try row.bytes("payload"),
            state: state, attempts: Int(try row.integer("attempts")), lastError: row.optionalText("last_error"),
            sequence: 0, deliveredAtMillis: try row.integer("delivered_at"),
            finishedAtMillis: row.optionalInteger("finished_at"), expiresAtMillis: row.optionalInteger("expires_at"),
            dueAtMillis: row.optionalInteger("due_at"), progress: row.optionalBytes("progress"))
    }
}
