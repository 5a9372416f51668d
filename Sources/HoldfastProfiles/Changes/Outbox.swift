public import HoldfastStorage

/// Operations that an edit or another operation delivers to profiles: durable in the same commit, or not at all.
public struct Outbox: Sendable {
    /// The most operations that the edits of one session, or one operation, may have waiting for its next save.
    public static let maximumCount = 256

    private(set) var deliveries: [Delivery] = []

    /// Adds an operation to what the commit delivers.
    ///
    /// An id that was delivered to that profile before is left as it is, whatever it carries.
    ///
    /// - Parameters:
    ///   - operation: What to apply there.
    ///   - key: The profile, open or not, here or anywhere.
    ///   - collection: The profile's collection.
    ///   - id: 1 to 200 bytes, unique for ever within the profile.
    /// - Throws: ``ProfileError`` with code `badInput` for an id or a payload outside the limits.
    public mutating func deliver<Operation: DeliverableOperation>(
        _ operation: Operation, to key: Key, in collection: ProfileCollection<Operation.Document>, id: String
    ) throws(ProfileError) {
        try add(operation, to: RecordID(collection: collection.name, key: key), id: id)
    }

    /// Adds an operation for a profile of a collection that only its name is known of, as in a ``DeliveringOperation``.
    ///
    /// As the form with a collection; that its documents are what the operation changes is not checked.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` for an id, a payload or a name outside the limits.
    public mutating func deliver(
        _ operation: some DeliverableOperation, to key: Key, in collection: String, id: String
    ) throws(ProfileError) {
        let name: CollectionName
        do {
            name = try CollectionName(collection)
        } catch {
            throw ProfileError(error)
        }
        try add(operation, to: RecordID(collection: name, key: key), id: id)
    }

    private mutating func add(
        _ operation: some DeliverableOperation, to record: RecordID, id: String
    ) throws(ProfileError) {
        do {
            let delivery = Delivery(
                record: record, id: try OperationID(id), type: type(of: operation).name,
                payload: try CanonicalJSON.write(try DocumentEncoder().encode(operation)))
            try StoreRequest.deliver(delivery).validate()
            deliveries.append(delivery)
        } catch {
            throw ProfileError(.badInput, "the operation cannot be stored: \(error)", record: record, underlying: error)
        }
    }
}

extension Session {
    /// Changes the document and delivers operations to other profiles, all or nothing, durable together with the next
    /// save.
    ///
    /// As ``edit(reason:_:)`` otherwise. The owners of those profiles are told at once when it is durable.
    ///
    /// - Throws: ``ProfileError`` as ``edit(reason:_:)``; `busy` when ``Outbox/maximumCount`` operations wait for the
    ///   next save; and whatever the closure throws.
    public func edit<Result>(
        reason: String? = nil, delivering change: (inout Document, inout Outbox) throws -> Result
    ) throws -> Result {
        try self.change(because: .init(.edit, reason: reason), change)
    }
}

extension SessionHost {
    /// Tells the owners of these profiles, once the commit is certain; lost hints are found by the next renewal.
    func hintOwners(of deliveries: [Delivery]) {
        let records = Set(deliveries.map(\.record))
        guard !records.isEmpty else { return }
        jobs.submit { [backend] in
            for record in records { await backend.hintOperations(of: record) }
        }
    }
}
