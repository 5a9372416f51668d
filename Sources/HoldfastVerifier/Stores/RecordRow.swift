extension StoreImage.Record {
    /// Builds a record from the columns that both backends select in the same order.
    init(
        version: Int64, fence: Int64, owner: [UInt8]?, saveID: [UInt8]?, payload: [UInt8]?, checksum: Int64?,
        documentBytes: Int64?
    ) {
        self.init(
            version: version, fence: fence, owner: owner.flatMap { RandomID(bytes: $0) },
            saveID: saveID.flatMap { RandomID(bytes: $0) },
            content: payload.map { bytes in
                StoredPayload(bytes: bytes, checksum: checksum, documentBytes: documentBytes).content()
            } ?? .none)
    }
}

extension StoreImage.Operation {
    /// Builds an operation; its payload is `{"coins":N}` in the demo.
    init(key: KeyIndex, id: [UInt8], type: String, state: String, payload: [UInt8]) {
        self.init(
            name: OperationOfKey(key: key, id: id), type: type, state: state,
            amount: try? JSONObject(payload).integer("coins"))
    }
}
