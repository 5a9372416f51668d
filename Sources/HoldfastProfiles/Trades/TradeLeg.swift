import HoldfastStorage

/// What a trade does to one record.
struct TradeLeg: Codable, Sendable, Equatable {
    let collection: String
    let key: String
    /// What it gives away, before the trade is decided.
    var take: TradeOperation?
    /// What it gets, once the trade is committed.
    var give: TradeOperation?
    /// What undoes ``take`` once the trade is aborted.
    var refund: TradeOperation?

    init(_ record: RecordID) {
        collection = record.collection.description
        key = record.key.description
    }

    /// Nil in a message that nobody of ours has written.
    var record: RecordID? {
        guard let collection = try? CollectionName(collection), let key = try? Key(key) else { return nil }
        return RecordID(collection: collection, key: key)
    }
}

/// A registered operation with its payload.
struct TradeOperation: Codable, Sendable, Equatable {
    let type: String
    let payload: JSONValue

    init<Operation: ProfileOperation>(_ operation: Operation) throws(ProfileError) {
        type = Operation.name
        do {
            payload = try DocumentEncoder().encode(operation)
        } catch {
            throw ProfileError(.badInput, "the operation cannot be stored: \(error)", underlying: error)
        }
    }

    func delivery(to record: RecordID, as id: OperationID) throws(ProfileError) -> Delivery {
        do {
            let delivery = Delivery(record: record, id: id, type: type, payload: try CanonicalJSON.write(payload))
            try StoreRequest.deliver(delivery).validate()
            return delivery
        } catch {
            throw ProfileError(.badInput, "the operation cannot be stored: \(error)", record: record, underlying: error)
        }
    }
}
