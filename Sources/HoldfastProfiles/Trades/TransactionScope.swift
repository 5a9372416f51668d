public import HoldfastStorage

/// Copies of the documents of a transaction, which its closure changes: they take effect together or not at all.
public struct TransactionScope {
    /// The most records of one transaction.
    public static let maximumRecords = 64

    /// What a game does once an operation is applied for good.
    typealias Announcement = @Sendable (AppliedOperation) -> Void

    /// In the order of the sessions.
    private(set) var documents: [any Sendable]
    private let parts: [any TransactionPart]
    /// For the operations of a trade that were applied, once the commit is certain.
    private(set) var announcements: [(index: Int, id: OperationID, announce: Announcement)] = []
    private var outbox = Outbox()
    private var postings: [TradePosting] = []
    /// What goes with the commit beside the documents.
    var extras = CommitExtras()

    init(_ parts: [any TransactionPart], documents: [any Sendable]) {
        self.parts = parts
        self.documents = documents
    }

    /// The document of a session as the transaction has it so far.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` for a session that is no part of the transaction.
    public func document<Document>(of session: Session<Document>) throws(ProfileError) -> Document {
        let index = parts.firstIndex { $0 === session }
        guard let index, let document = documents[index] as? Document else {
            throw ProfileError(.badInput, "the session is no part of the transaction", record: session.id)
        }
        return document
    }

    /// Changes the copy of a session's document, all or nothing.
    ///
    /// - Throws: ``ProfileError`` as ``document(of:)``; whatever the closure throws, with this copy unchanged.
    public mutating func edit<Document, Result>(
        _ session: Session<Document>, _ change: (inout Document) throws -> Result
    ) throws -> Result {
        var document = try document(of: session)
        let result = try change(&document)
        try set(document, of: session)
        return result
    }

    /// Changes the copy of a record's document that the transaction has opened, all or nothing.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` for a record that is no part of the transaction; whatever the
    ///   closure throws, with this copy unchanged.
    public mutating func edit<Document, Result>(
        _ key: Key, in collection: ProfileCollection<Document>, _ change: (inout Document) throws -> Result
    ) throws -> Result {
        let id = RecordID(collection: collection.name, key: key)
        guard let session = parts.first(where: { $0.id == id }) as? Session<Document> else {
            throw ProfileError(.badInput, "the record is no part of the transaction", record: id)
        }
        return try edit(session, change)
    }

    /// Delivers an operation to another profile in the commit of the transaction.
    ///
    /// An id that was delivered to that profile before is left as it is, whatever it carries.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` for an id or a payload outside the limits, and for more than
    ///   ``Outbox/maximumCount`` operations.
    public mutating func deliver<Operation: DeliverableOperation>(
        _ operation: Operation, to key: Key, in collection: ProfileCollection<Operation.Document>, id: String
    ) throws(ProfileError) {
        guard outbox.deliveries.count < Outbox.maximumCount else {
            throw ProfileError(.badInput, "a transaction delivers at most \(Outbox.maximumCount) operations")
        }
        try outbox.deliver(operation, to: key, in: collection, id: id)
    }

    /// Books a posting in the commit of the transaction.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` for the 17th one.
    public mutating func post(_ posting: Posting, to ledger: GeneralLedger) throws(ProfileError) {
        guard postings.count < GeneralLedger.maximumPostings else { throw GeneralLedger.tooMany }
        postings.append(TradePosting(ledger: ledger.name, posting: posting))
    }

    mutating func set<Document: Sendable>(_ document: Document, of session: Session<Document>) throws(ProfileError) {
        guard let index = parts.firstIndex(where: { $0 === session }) else {
            throw ProfileError(.badInput, "the session is no part of the transaction", record: session.id)
        }
        documents[index] = document
    }

    /// Applies an operation of a trade to the document at a position.
    mutating func apply(_ operation: TradeOperation?, as id: OperationID, at index: Int) throws {
        guard let operation else { return }
        let applied = try parts[index].applying(operation, as: id, to: documents[index])
        documents[index] = applied.document
        if let announce = applied.announce { announcements.append((index, id, announce)) }
    }

    /// Finds out whether an operation could be applied, without doing so.
    func tryOut(_ operation: TradeOperation?, as id: OperationID, at index: Int) throws {
        guard let operation else { return }
        _ = try parts[index].applying(operation, as: id, to: documents[index])
    }

    /// What goes with the commit beside the documents and what their sessions bring.
    func allExtras() throws(ProfileError) -> CommitExtras {
        var extras = extras
        extras.deliveries += outbox.deliveries
        extras.entries += try GeneralLedger.entries(postings)
        return extras
    }
}

/// What a commit carries beside the records and what their sessions bring along.
struct CommitExtras: Sendable {
    var settlements: [Settlement] = []
    var deliveries: [Delivery] = []
    var entries: [AppendRequest] = []
    var decision: Decision?
}
