/// The caller's name of one operation, unique for ever within its record: 1 to 200 bytes of UTF-8.
public struct OperationID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The most bytes an id may have.
    public static let maximumBytes = 200

    /// The id as it was given.
    public let description: String

    /// Checks and wraps an id.
    ///
    /// - Throws: ``StoreError`` with code `badInput` when it is empty or longer than ``maximumBytes``.
    public init(_ text: String) throws(StoreError) {
        guard (1...Self.maximumBytes).contains(text.utf8.count) else {
            throw StoreError(.badInput, "an operation id has 1 to \(Self.maximumBytes) bytes, not \(text.utf8.count)")
        }
        self.description = text
    }

    /// Compared by bytes, as the stores do.
    public static func == (left: OperationID, right: OperationID) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    /// Hashes the UTF-8 bytes, in keeping with `==`.
    public func hash(into hasher: inout Hasher) {
        for byte in description.utf8 { hasher.combine(byte) }
    }

    /// Orders by bytes, as the stores do.
    public static func < (left: OperationID, right: OperationID) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

/// Where an operation stands.
///
/// Every state but `pending` is final; the row is then its receipt.
public enum OperationState: String, Sendable, CaseIterable {
    case pending, applied, dead, cancelled, expired
}

/// One operation on its way to a record, and later its receipt.
public struct OperationRecord: Sendable, Equatable {
    /// The record that it was delivered to.
    public let record: RecordID
    /// Chosen by the sender; unique for ever within ``record``.
    public let id: OperationID
    /// The stable name of its type, chosen by the game.
    public let type: String
    /// Canonical JSON; empty once the receipt was shortened.
    public let payload: [UInt8]
    /// `pending` until settled; then the receipt's verdict.
    public let state: OperationState
    /// How often its handler has failed.
    public let attempts: Int
    /// What the last failed attempt threw, cut to 1,000 bytes; nil when none failed.
    public let lastError: String?
    /// The order of delivery within its record.
    public let sequence: Int64
    /// Milliseconds since 1970, UTC; set once, by the first delivery.
    public let deliveredAtMillis: Int64
    /// Milliseconds since 1970, UTC; nil while pending.
    public let finishedAtMillis: Int64?

    /// Joins the columns of one operation as a store read them; checks nothing.
    public init(
        record: RecordID, id: OperationID, type: String, payload: [UInt8], state: OperationState, attempts: Int,
        lastError: String?, sequence: Int64, deliveredAtMillis: Int64, finishedAtMillis: Int64?
    ) {
        self.record = record
        self.id = id
        self.type = type
        self.payload = payload
        self.state = state
        self.attempts = attempts
        self.lastError = lastError
        self.sequence = sequence
        self.deliveredAtMillis = deliveredAtMillis
        self.finishedAtMillis = finishedAtMillis
    }
}
