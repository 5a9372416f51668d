/// One operation on its way to a record, and later its receipt.
public struct OperationRecord: Sendable, Equatable {
    /// The record that it was delivered to.
    public package(set) var record: RecordID
    /// Chosen by the sender; unique for ever within ``record``.
    public package(set) var id: OperationID
    /// The stable name of its type, chosen by the game.
    public package(set) var type: String
    /// Canonical JSON; empty once the receipt was shortened.
    public package(set) var payload: [UInt8]
    /// `pending` until settled; then the receipt's verdict.
    public package(set) var state: OperationState
    /// How often its handler was tried; counted anew after each finished step.
    public package(set) var attempts: Int
    /// What the last failed attempt threw, or why it was cancelled, cut to 1,000 bytes; nil when there is nothing to
    /// say, and once the receipt was shortened.
    public package(set) var lastError: String?
    /// The order of delivery within its record.
    public package(set) var sequence: Int64
    /// Milliseconds since 1970, UTC; set once, by the first delivery.
    public package(set) var deliveredAtMillis: Int64
    /// Milliseconds since 1970, UTC; nil while pending.
    public package(set) var finishedAtMillis: Int64?
    /// After which it may no longer take effect, in milliseconds since 1970, UTC; nil = never.
    public package(set) var expiresAtMillis: Int64?
    /// Before which handlers leave it alone, in milliseconds since 1970, UTC; nil = it may be tried at once.
    public package(set) var dueAtMillis: Int64?
    /// How far its steps have come; nil before the first one and once it is settled, unless it died on the way.
    public package(set) var progress: [UInt8]?
    /// The store's clock when the row was read: what the other times are compared with.
    public package(set) var readAtMillis: Int64

    /// Joins the columns of one operation as a store read them; checks nothing.
    public init(
        record: RecordID, id: OperationID, type: String, payload: [UInt8], state: OperationState, attempts: Int,
        lastError: String?, sequence: Int64, deliveredAtMillis: Int64, finishedAtMillis: Int64?,
        expiresAtMillis: Int64? = nil, dueAtMillis: Int64? = nil, progress: [UInt8]? = nil, readAtMillis: Int64 = 0
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
        self.expiresAtMillis = expiresAtMillis
        self.dueAtMillis = dueAtMillis
        self.progress = progress
        self.readAtMillis = readAtMillis
    }

    /// Whether it is still pending and its time is over; one whose steps have begun does not expire.
    public func isExpired(atMillis now: Int64) -> Bool {
        guard state == .pending, progress == nil, let expiresAtMillis else { return false }
        return expiresAtMillis <= now
    }

    /// The ``lastError`` of a delivery that a commit made to a record whose list was full: a dead letter from the
    /// start.
    package static let fullList = "the record had \(DurableStoreLimits.pending) pending operations"

    /// The ``lastError`` of a dead letter that goes on under another id.
    package static func requeueMark(_ id: OperationID) -> String { "requeued as \(id)" }
}
