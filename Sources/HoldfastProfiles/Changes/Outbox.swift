public import HoldfastStorage

/// Operations that an edit delivers to other profiles: durable in the same commit as the edit, or not at all.
public struct Outbox: Sendable {
    /// The most operations of one session that may wait for its next save.
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
    public mutating func deliver<Operation: ProfileOperation>(
        _ operation: Operation, to key: Key, in collection: ProfileCollection<Operation.Document>, id: String
    ) throws(ProfileError) {
        let record = RecordID(collection: collection.name, key: key)
        do {
            let delivery = Delivery(
                record: record, id: try OperationID(id), type: Operation.name,
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
