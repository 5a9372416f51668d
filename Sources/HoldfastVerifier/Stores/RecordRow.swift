extension StoreImage.Record {
    /// Builds a record from the columns that both backends select in the same order.
    init(
        version: Int64, fence: Int64, owner: [UInt8]?, saveID: [UInt8]?, payload: [UInt8]?, checksum: Int64?,
        documentBytes: Int64?, isWorld: Bool
    ) {
        self.init(
            version: version, fence: fence, owner: owner.flatMap { RandomID(bytes: $0) },
            saveID: saveID.flatMap { RandomID(bytes: $0) },
            content: payload.map { bytes in
                StoredPayload(bytes: bytes, checksum: checksum, bodyBytes: documentBytes).content(isWorld: isWorld)
            } ?? .none)
    }
}

extension StoreImage.Part {
    /// Builds a part from its columns.
    init(name: [UInt8]?, version: Int64, payload: [UInt8]?, checksum: Int64?) {
        self.init(
            name: String(decoding: name ?? [], as: UTF8.self), version: version,
            chunk: StoredChunk(bytes: payload ?? [], checksum: checksum))
    }
}

extension StoreImage.Operation {
    /// Builds an operation from its columns.
    ///
    /// In the demo a payload is `{"coins":N}`, with `"days":N` for a wage; progress is an object with `"steps":N`.
    init(key: KeyIndex, id: [UInt8], type: String, state: String, payload: [UInt8], progress: [UInt8]?) {
        let payload = try? JSONObject(payload)
        let steps = progress.flatMap { try? JSONObject($0).integer("steps") } ?? 0
        let effects: Int64 =
            switch type {
            case "demo.reward": state == "applied" ? 1 : 0
            case "demo.wage": state == "applied" ? (try? payload?.integer("days")) ?? 1 : steps
            default: 0
            }
        self.init(
            name: OperationOfKey(key: key, id: id), type: type, state: state, amount: try? payload?.integer("coins"),
            effects: effects)
    }
}
