import HoldfastStorage

// How rows become values.

extension QueryResult.Row {
    /// Collection, key.
    func recordID(at column: Int32) throws(StoreError) -> RecordID {
        RecordID(collection: try CollectionName(try text(column)), key: try Key(bytes: try bytes(column + 1)))
    }

    /// Version, fence, nonce, server, boot, save id; nil when the row is missing.
    func state(at column: Int32) throws(StoreError) -> RowState? {
        guard let version = try optionalInteger(column) else { return nil }
        var owner: Owner?
        if let nonce = try optionalID(column + 2), let boot = try optionalID(column + 4) {
            owner = Owner(nonce: nonce, server: try text(column + 3), boot: boot)
        }
        return RowState(
            version: version, fence: try integer(column + 1), owner: owner, saveID: try optionalID(column + 5))
    }

    /// Schema, payload, checksum, document bytes, user ids, metadata; nil without a payload.
    func content(at column: Int32) throws(StoreError) -> Content? {
        guard let payload = optionalBytes(column + 1) else { return nil }
        return Content(
            payload: Payload(
                bytes: payload, checksum: UInt64(bitPattern: try integer(column + 2)),
                documentBytes: Int(try integer(column + 3))),
            schema: Int(try integer(column)), userIDs: try userIDs(column + 4), metadata: optionalBytes(column + 5))
    }

    func userIDs(_ column: Int32) throws(StoreError) -> [String] {
        guard let text = optionalText(column) else { return [] }
        guard let names = Content.userIDs(fromText: text) else {
            throw StoreError(.corrupt, "the user ids of a stored row are no list of names")
        }
        return names
    }

    func operationState(_ column: Int32) throws(StoreError) -> OperationState {
        let name = try text(column)
        guard let state = OperationState(rawValue: name) else {
            throw StoreError(.newerSchema, "an operation is in a state that this build does not know")
        }
        return state
    }

    /// The columns of an operation.
    func operation(at column: Int32) throws(StoreError) -> OperationRecord {
        let id = String(decoding: try bytes(column + 2), as: UTF8.self)
        return OperationRecord(
            record: try recordID(at: column), id: try OperationID(id), type: try text(column + 3),
            payload: try bytes(column + 4), state: try operationState(column + 5),
            attempts: Int(try integer(column + 6)), lastError: optionalText(column + 7),
            sequence: try integer(column + 8), deliveredAtMillis: try integer(column + 9),
            finishedAtMillis: try optionalInteger(column + 10), expiresAtMillis: try optionalInteger(column + 11),
            dueAtMillis: try optionalInteger(column + 12), progress: optionalBytes(column + 13),
            readAtMillis: try integer(column + 14))
    }
}
