extension StoreRequest {
    /// Checks what every backend relies on, before anything is sent.
    ///
    /// - Throws: ``StoreError`` with code `badInput`.
    public func validate() throws(StoreError) {
        switch self {
        case .seal(let seal):
            guard seal.token > 0 else { throw StoreError(.badInput, "a token is positive") }
            try Self.checkName(seal.owner.server, "a server id")
        case .commit(let commit): try Self.check(commit)
        case .deliver(let delivery): try Self.check(delivery)
        case .append(let append): try append.validate()
        case .trim(let trim): try trim.validate()
        case .submit(let batch): try batch.validate()
        case .decide: break
        }
    }

    /// The bytes that it brings, or an equal load, for the bound of a group.
    public var payloadBytes: Int {
        switch self {
        case .seal: 0
        case .deliver(let delivery): delivery.payload.count
        case .append(let append): append.entries.reduce(0) { $0 + $1.value.count }
        case .submit(let batch): batch.submissions.reduce(0) { $0 + $1.groupBytes }
        case .trim, .decide: 0
        case .commit(let commit):
            commit.writes.reduce(0) { $0 + $1.groupBytes }
                + commit.deliveries.reduce(0) { $0 + $1.payload.count }
                + commit.settlements.reduce(0) { $0 + ($1.progress?.count ?? 0) }
                + commit.projections.reduce(0) { $0 + $1.groupBytes }
                + commit.entries.reduce(0) { $0 + StoreRequest.append($1).payloadBytes }
        }
    }

    private static func check(_ commit: CommitRequest) throws(StoreError) {
        guard !commit.writes.isEmpty,
            commit.writes.count == 1 || Set(commit.writes.map(\.id)).count == commit.writes.count
        else {
            throw StoreError(.badInput, "a commit writes at least one record, and each only once")
        }
        guard commit.settlements.allSatisfy({ settlement in commit.writes.contains { $0.id == settlement.record } })
        else {
            throw StoreError(.badInput, "a commit settles operations of the records that it writes")
        }
        var settled = Set<OperationName>()
        for settlement in commit.settlements {
            guard settled.insert(OperationName(record: settlement.record, id: settlement.id)).inserted else {
                throw StoreError(.badInput, "a commit settles an operation once")
            }
            try settlement.validate()
        }
        for write in commit.writes { try write.validate() }
        for delivery in commit.deliveries { try check(delivery) }
        try commit.validateProjections()
        try commit.validateEntries()
    }

    private static func check(_ delivery: Delivery) throws(StoreError) {
        try checkName(delivery.type, "an operation type")
        guard (1...Delivery.maximumPayloadBytes).contains(delivery.payload.count) else {
            throw StoreError(
                .badInput,
                "an operation's payload has 1 to \(Delivery.maximumPayloadBytes) bytes, not \(delivery.payload.count)"
            )
        }
        guard (1...Delivery.maximumWaitMillis).contains(delivery.timeToLiveMillis ?? 1) else {
            throw StoreError(.badInput, "an operation's time to live is 1 to \(Delivery.maximumWaitMillis) ms")
        }
        guard (0...Delivery.maximumWaitMillis).contains(delivery.delayMillis) else {
            throw StoreError(.badInput, "an operation's delay is 0 to \(Delivery.maximumWaitMillis) ms")
        }
    }

    /// Names land in text columns; PostgreSQL has no NUL there.
    private static func checkName(_ name: String, _ what: String) throws(StoreError) {
        guard (1...OperationID.maximumBytes).contains(name.utf8.count), !name.utf8.contains(0) else {
            throw StoreError(.badInput, "\(what) has 1 to \(OperationID.maximumBytes) bytes and no NUL")
        }
    }
}

/// An operation's full name in the store.
struct OperationName: Hashable {
    let record: RecordID
    let id: OperationID
}

extension Settlement {
    fileprivate func validate() throws(StoreError) {
        guard (0...Delivery.maximumWaitMillis).contains(retryAfterMillis) else {
            throw StoreError(.badInput, "an operation's backoff is 0 to \(Delivery.maximumWaitMillis) ms")
        }
        guard (1...Delivery.maximumPayloadBytes).contains(progress?.count ?? 1) else {
            throw StoreError(.badInput, "an operation's progress has 1 to \(Delivery.maximumPayloadBytes) bytes")
        }
    }

    /// The most bytes of ``lastError`` that a store keeps.
    public static let maximumErrorBytes = 1_000

    /// ``lastError`` as it is stored.
    package var storedError: String? { lastError.map(Self.stored) }

    /// An error as it is stored: shortened to ``maximumErrorBytes``, NUL replaced.
    package static func stored(_ error: String) -> String {
        guard error.utf8.count > maximumErrorBytes || error.utf8.contains(0) else { return error }
        var text = ""
        for scalar in error.unicodeScalars {
            let next = scalar == "\0" ? Unicode.Scalar(0xFFFD)! : scalar
            guard text.utf8.count + UTF8.width(next) <= maximumErrorBytes else { break }
            text.unicodeScalars.append(next)
        }
        return text
    }
}

extension Content {
    /// ``userIDs`` as the JSON array that stores keep in a text column.
    package var userIDsText: String { Self.text(ofUserIDs: userIDs) }

    /// The same of any user ids; each is spelled in one way only.
    package static func text(ofUserIDs userIDs: [String]) -> String {
        guard !userIDs.isEmpty else { return "[]" }
        // Strings alone always have a canonical form within any depth; only the size could be refused.
        let bytes = try? CanonicalJSON.write(.array(userIDs.map { .string($0) }), limits: .init(maximumBytes: .max))
        return String(decoding: bytes ?? Array("[]".utf8), as: UTF8.self)
    }

    /// Reads ``userIDsText``; nil when it is no array of strings.
    package static func userIDs(fromText text: String) -> [String]? {
        if text == "[]" { return [] }
        guard case .array(let elements)? = try? CanonicalJSON.parse(Array(text.utf8)) else { return nil }
        let names = elements.compactMap(\.string)
        return names.count == elements.count ? names : nil
    }
}
