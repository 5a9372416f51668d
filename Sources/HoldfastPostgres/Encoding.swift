import HoldfastStorage

// How requests become columns of parameters.

extension Parameters {
    /// Collections, keys.
    mutating func add(_ records: [RecordID]) {
        add(texts: records.map(\.collection.description))
        add(blobs: records.map(\.key.bytes))
    }

    /// Collection, key.
    mutating func add(_ record: RecordID) {
        add(record.collection.description)
        add(record.key.bytes)
    }

    /// Collections, keys, ids, types, payloads.
    mutating func add(_ deliveries: [Delivery]) {
        add(deliveries.map(\.record))
        add(blobs: deliveries.map { Array($0.id.description.utf8) })
        add(texts: deliveries.map(\.type))
        add(blobs: deliveries.map(\.payload))
    }

    /// Times to live, delays.
    mutating func addTimes(_ deliveries: [Delivery]) {
        add(integers: deliveries.map(\.timeToLiveMillis))
        add(integers: deliveries.map(\.delayMillis))
    }

    /// Fences, nonces, versions.
    mutating func addFence(_ writes: [RecordWrite]) {
        add(integers: writes.map(\.fence))
        add(blobs: writes.map(\.nonce.bytes))
        add(integers: writes.map(\.version))
    }

    /// Payloads, checksums, schemas, document bytes, user ids, metadata.
    mutating func addContent(_ writes: [RecordWrite]) {
        let contents = writes.map(\.change.content)
        add(blobs: contents.map { $0?.payload.bytes })
        add(integers: contents.map { $0.map { Int64(bitPattern: $0.payload.checksum) } })
        add(integers: contents.map { $0.map { Int64($0.schema) } })
        add(integers: contents.map { $0.map { Int64($0.payload.documentBytes) } })
        add(texts: contents.map { $0?.userIDsText })
        add(blobs: contents.map { $0?.metadata })
    }

    /// A user id as it stands in the array that `Content.userIDsText` makes.
    mutating func add(userID: String) {
        // A string has a canonical form whatever it holds, and this one is short.
        add(String(decoding: (try? CanonicalJSON.write(.string(userID))) ?? [], as: UTF8.self))
    }

    /// The parameters of ``SQL/pendingOperations``.
    static func pendingOperations(of records: [RecordID], deployment: Int64) -> Parameters {
        var parameters = Parameters()
        parameters.add(deployment)
        parameters.add(integers: records.indices.map { Int64($0) })
        parameters.add(records)
        parameters.add(Int64(DurableStoreLimits.pending))
        return parameters
    }
}

extension RecordWrite.Change {
    /// As the statements write it.
    var number: Int64 {
        switch self {
        case .none: 0
        case .content: 1
        case .tombstone: 2
        }
    }

    var content: Content? {
        if case .content(let content) = self { content } else { nil }
    }
}

extension KeepRule {
    /// As ``SQL/commits`` reads it.
    var number: Int64 {
        switch self {
        case .never: 0
        case .hourly: 1
        case .always: 2
        }
    }
}

extension SealRequest.Condition {
    /// Nil for `supersede`.
    var fence: Int64? {
        if case .stillMine(let fence, _) = self { fence } else { nil }
    }

    var version: Int64? {
        if case .stillMine(_, let version) = self { version } else { nil }
    }
}

extension CommitRequest {
    /// Whether it writes one content by the usual rules, which most commits do; parts, entries and projections follow.
    var isPlainSave: Bool {
        settlements.isEmpty && deliveries.isEmpty && decision == nil && writes.count == 1
            && writes[0].change.content != nil && writes[0].keeps == .hourly
    }
}
