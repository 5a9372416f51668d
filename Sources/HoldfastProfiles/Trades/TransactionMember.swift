public import HoldfastStorage

/// A session that can take part in a transaction, whatever its document type: a ``Session``.
public protocol TransactionMember: Sendable {
    /// The record's name.
    var id: RecordID { get }
}

/// What a transaction needs of a session.
protocol TransactionPart: TransactionMember, AnyObject {
    var slot: SaveSlot { get }
    /// Keeps edits and everything that ends the session off; the caller holds the slot.
    func beginTransaction() throws(ProfileError)
    func endTransaction()
    func transactionDraft() -> TransactionDraft
    func close(timeout: Duration?) async throws(ProfileError)
    func abandon()
}

/// A session as a transaction found it.
struct TransactionDraft: Sendable {
    let document: any Sendable
    /// Checks and encodes what the transaction made of the document.
    let side: @Sendable (any Sendable) throws(ProfileError) -> any TransactionSide
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
        let refusal: ProfileError? = state.withLock { state in
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
        return TransactionDraft(document: draft.document) { document throws(ProfileError) in
            guard let document = document as? Document else {
                throw ProfileError(.internalError, "a document of another type", record: self.id)
            }
            try self.check(document)
            return try SessionSide(self, draft, document)
        }
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

    var settlements: [Settlement] { draft.settlements }
    var deliveries: [Delivery] { draft.deliveries }
    var projections: [ScoreSubmission] { scores.submissions }
    var generation: Int64 { draft.generation }

    init(_ session: Session<Document>, _ draft: Session<Document>.Draft, _ document: Document) throws(ProfileError) {
        self.session = session
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
