public import HoldfastStorage

/// What is to change hands: what each record gives away and what it gets.
///
/// All of it are registered operations of the records' collections. A `take` may refuse, and so may what is to be
/// given: a purse too empty, an inventory too full. A refund undoes its take and a give only adds; where one of them
/// throws all the same, it is tried again as any operation, and becomes a dead letter that keeps what it carries.
public struct Trade: Sendable {
    /// The most records of one trade.
    public static let maximumRecords = 16
    /// The most bytes of a trade's id.
    public static let maximumIDBytes = 150
    /// The longest time that a trade may take.
    static let longestTimeout = Duration.seconds(3_600)

    /// In the order of the records.
    private(set) var legs: [(record: TransactionRecord, leg: TradeLeg)] = []
    private(set) var postings: [TradePosting] = []

    /// Takes something from a record.
    ///
    /// - Parameters:
    ///   - operation: What to take; throws where the record does not have it.
    ///   - key: Open or not, here or anywhere.
    ///   - collection: The record's collection.
    ///   - refund: Undoes it where the trade is aborted.
    /// - Throws: ``ProfileError`` with code `badInput` for a second one from the same record, an operation that the
    ///   collection does not handle, or too many records.
    public mutating func take<Document>(
        _ operation: some ProfileOperation<Document>, from key: Key, in collection: ProfileCollection<Document>,
        refund: some ProfileOperation<Document>
    ) throws(ProfileError) {
        let record = RecordID(collection: collection.name, key: key)
        // Both or neither: a take without its refund must never be part of a trade, even if the caller goes on.
        let operations = (
            take: try collection.tradeOperation(operation, record),
            refund: try collection.tradeOperation(refund, record)
        )
        let index = try leg(of: key, collection)
        guard legs[index].leg.take == nil else {
            throw ProfileError(
                .badInput, "a trade takes from each record once; put it into one operation", record: record)
        }
        legs[index].leg.take = operations.take
        legs[index].leg.refund = operations.refund
    }

    /// Gives something to a record.
    ///
    /// - Parameters:
    ///   - operation: What to give; throws where the record cannot have it.
    ///   - key: Open or not, here or anywhere.
    ///   - collection: The record's collection.
    /// - Throws: ``ProfileError`` as ``take(_:from:in:refund:)``.
    public mutating func give<Document>(
        _ operation: some ProfileOperation<Document>, to key: Key, in collection: ProfileCollection<Document>
    ) throws(ProfileError) {
        let record = RecordID(collection: collection.name, key: key)
        let given = try collection.tradeOperation(operation, record)
        let index = try leg(of: key, collection)
        guard legs[index].leg.give == nil else {
            throw ProfileError(
                .badInput, "a trade gives to each record once; put it into one operation", record: record)
        }
        legs[index].leg.give = given
    }

    /// Books a posting in the commit that decides the trade; nothing is booked where it is aborted.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` for the 17th one.
    public mutating func post(_ posting: Posting, to ledger: GeneralLedger) throws(ProfileError) {
        guard postings.count < GeneralLedger.maximumPostings else { throw GeneralLedger.tooMany }
        postings.append(TradePosting(ledger: ledger.name, posting: posting))
    }

    private mutating func leg<Document>(
        of key: Key, _ collection: ProfileCollection<Document>
    ) throws(ProfileError) -> Int {
        let record = collection.record(key)
        if let index = legs.firstIndex(where: { $0.record.id == record.id }) { return index }
        guard legs.count < Self.maximumRecords else {
            throw ProfileError(.badInput, "a trade has at most \(Self.maximumRecords) records", record: record.id)
        }
        let index = legs.firstIndex { record.id < $0.record.id } ?? legs.count
        legs.insert((record, TradeLeg(record.id)), at: index)
        return index
    }

    /// What is wrong with it as a whole.
    func check(_ id: String) throws(ProfileError) {
        guard (1...Self.maximumIDBytes).contains(id.utf8.count), !id.utf8.contains(0) else {
            throw ProfileError(.badInput, "a trade's id has 1 to \(Self.maximumIDBytes) bytes and no NUL")
        }
        guard legs.count >= 2 else { throw ProfileError(.badInput, "a trade has at least two records") }
        guard legs.contains(where: { $0.leg.take != nil }) else {
            throw ProfileError(.badInput, "a trade takes something; what comes from nobody is delivered")
        }
        // Every byte is checked before anything is sent.
        let plan = TradePlan(id: id, legs: legs.map(\.leg), escrowed: 1, timeoutMillis: .max, postings: postings)
        _ = try plan.encoded()
        for position in plan.legs.indices { _ = try plan.refused(at: position) }
        _ = try plan.applied(at: plan.legs.count - 1)
    }
}

extension ProfileCollection {
    fileprivate func tradeOperation<Operation: ProfileOperation>(
        _ operation: Operation, _ record: RecordID
    ) throws(ProfileError) -> TradeOperation {
        guard codec.operations.byType[Operation.name] != nil else {
            throw ProfileError(.badInput, "the collection does not handle \(Operation.name)", record: record)
        }
        return try TradeOperation(operation)
    }
}
