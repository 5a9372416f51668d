public import HoldfastStorage

/// A session that can take part in a transaction, whatever its document type: a ``Session``.
public protocol TransactionMember: Sendable {
    /// The record's name.
    var id: RecordID { get }
}

/// What a transaction needs of a session.
protocol TransactionPart: TransactionMember, AnyObject {
    var host: SessionHost { get }
    var slot: SaveSlot { get }
    /// Keeps edits and everything that ends the session off; the caller holds the slot.
    func beginTransaction() throws(ProfileError)
    func endTransaction()
    func transactionDraft() -> TransactionDraft
    /// Applies a registered operation to a copy of the document, which still satisfies the collection's rules then.
    func applying(
        _ operation: TradeOperation, as id: OperationID, to document: any Sendable
    ) throws -> (document: any Sendable, announce: TransactionScope.Announcement?)
    /// Whether it was never saved and nobody else here has it open.
    var isMissing: Bool { get }
    func giveUpHandle(timeout: Duration?) async throws(ProfileError)
    func abandon()
}

/// A session as a transaction found it.
struct TransactionDraft: Sendable {
    let document: any Sendable
    /// Checks and encodes what the transaction made of the document, with the operations that it settles itself.
    let side: @Sendable (any Sendable, [Settlement]) throws(ProfileError) -> any TransactionSide
}

/// One session's part of a transaction that is being committed.
protocol TransactionSide: Sendable {
    var write: RecordWrite { get }
    var settlements: [Settlement] { get }
    var deliveries: [Delivery] { get }
    var projections: [ScoreSubmission] { get }
    /// The store's generation as the session's seal found it.
    var generation: Int64 { get }
    /// Puts the new document in place: the store has it.
    func committed() -> SaveReceipt
    /// Ends the session if its row was the reason; nil when it was not.
    func refused(_ refusal: Settler.Refusal) async -> ProfileError?
}

extension Session: TransactionMember {}

extension Session: TransactionPart {
    func beginTransaction() throws(ProfileError) {
        if let refusal = fallbackRefusal(of: "transaction") { throw refusal }
        let refusal: ProfileError? = withoutEdits { state in
            if let refusal = state.machine.refusal(of: "transaction", record: id) { return refusal }
            return state.machine.beginTransaction()
                ? nil : ProfileError(.busy, "another transaction is using the document", record: id)
        }
        if let refusal { throw refusal }
    }

    func endTransaction() {
        state.withLock { $0.machine.endTransaction() }
    }

    func transactionDraft() -> TransactionDraft {
        let draft = draft()
        return TransactionDraft(document: draft.document) { document, own throws(ProfileError) in
            guard let document = document as? Document else {
                throw ProfileError(.internalError, "a document of another type", record: self.id)
            }
            try self.check(document)
            return try SessionSide(self, draft, document, own)
        }
    }

    func applying(
        _ operation: TradeOperation, as operationID: OperationID, to document: any Sendable
    ) throws -> (document: any Sendable, announce: TransactionScope.Announcement?) {
        guard var document = document as? Document, let handler = codec.operations.byType[operation.type] else {
            throw OperationRefusal("no handler for operations of type \(operation.type)")
        }
        let record = OperationRecord(
            record: id, id: operationID, type: operation.type, payload: try CanonicalJSON.write(operation.payload),
            state: .pending, attempts: 0, lastError: nil, sequence: 0, deliveredAtMillis: 0, finishedAtMillis: nil)
        var outbox = Outbox()
        guard case .applied(let announce) = try handler.run(record, &document, &outbox) else {
            throw OperationRefusal("\(operation.type) takes several steps, which a trade cannot")
        }
        guard outbox.deliveries.isEmpty else {
            throw OperationRefusal("\(operation.type) delivers further operations, which a trade cannot")
        }
        try check(document)
        return (document, announce)
    }

    var isMissing: Bool {
        !isFallback && state.withLock { $0.machine.version == 0 && !$0.machine.isChanged && $0.handles <= 1 }
    }
}

/// The side of a session.
private struct SessionSide<Document: Sendable>: TransactionSide {
    let session: Session<Document>
    let draft: Session<Document>.Draft
    let document: Document
    let encoded: EncodedDocument
    let write: RecordWrite
    let scores: ShownScores.Change
    /// Operations that the transaction itself settles: nothing in memory was built on them.
    let own: [Settlement]

    var settlements: [Settlement] { draft.settlements + own }
    var deliveries: [Delivery] { draft.deliveries }
    var projections: [ScoreSubmission] { scores.submissions }
    var generation: Int64 { draft.generation }

    init(
        _ session: Session<Document>, _ draft: Session<Document>.Draft, _ document: Document, _ own: [Settlement]
    ) throws(ProfileError) {
        self.session = session
        self.own = own
        self.draft = draft
        self.document = document
        encoded = try session.codec.encode(document, carrying: draft.carried, record: session.id)
        write = RecordWrite(
            id: session.id, fence: draft.token, nonce: draft.nonce, version: draft.version, saveID: .random(),
            change: .content(
                Content(
                    payload: encoded.payload, schema: draft.carried.schema, userIDs: draft.userIDs,
                    metadata: draft.metadata
                )
            ),
            parts: encoded.parts
        )
        scores = session.scores(of: document, after: draft.version)
    }

    func committed() -> SaveReceipt {
        session.state.withLock { state in
            let before = state.document
            state.document = document
            session.note(.init(.transaction), before: before, in: &state)
            state.machine.endTransaction()
        }
        var draft = draft
        draft.settlements += own
        return session.committed(draft, write, document, encoded, scores)
    }

    func refused(_ refusal: Settler.Refusal) async -> ProfileError? {
        let mine = refusal.settled.filter { id in draft.settlements.contains { $0.id == id } }
        if refusal.verdict == .intact, mine.isEmpty { return nil }
        let refusal = Settler.Refusal(
            verdict: refusal.verdict, found: refusal.found, settled: mine, wasAmbiguous: refusal.wasAmbiguous
        )
        return await session.refused(write, refusal)
    }
}
