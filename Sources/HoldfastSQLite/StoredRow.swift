import HoldfastStorage

/// A whole row of the table of records.
struct StoredRow {
    let state: RowState
    let createdAtMillis: Int64
    let updatedAtMillis: Int64
    let document: SealedDocument

    /// Reads the columns of ``Statements/row``; the payload is left alone when the hot copy names it.
    init(_ reader: inout RowReader, hot: HotReference? = nil) throws {
        self.state = try reader.rowState()
        self.createdAtMillis = try reader.int64()
        self.updatedAtMillis = try reader.int64()
        let schema = try reader.optionalInt64()
        let checksum = try reader.optionalInt64()
        let documentBytes = try reader.optionalInt64()
        let userIDs = try reader.optionalText()
        let metadata = try reader.optionalBytes()
        guard let schema, let checksum, let documentBytes, let userIDs else {
            // Never saved or a tombstone: then there is no payload either.
            guard schema == nil, checksum == nil, documentBytes == nil, userIDs == nil, metadata == nil,
                try reader.optionalBytes() == nil
            else { throw reader.unexpected() }
            self.document = .none
            return
        }
        guard let names = Content.userIDs(fromText: userIDs), state.version > 0, state.saveID != nil else {
            throw reader.unexpected()
        }
        let bits = UInt64(bitPattern: checksum)
        if FenceRules.matches(hot, version: state.version, saveID: state.saveID, checksum: bits) {
            self.document = .hotCopyMatches(schema: Int(schema), userIDs: names, metadata: metadata)
        } else {
            let payload = Payload(bytes: try reader.bytes(), checksum: bits, documentBytes: Int(documentBytes))
            self.document = .stored(
                Content(payload: payload, schema: Int(schema), userIDs: names, metadata: metadata)
            )
        }
    }

    var content: Content? {
        if case .stored(let content) = document { content } else { nil }
    }
}
