/// Where ``DurableStore/settleRestore(from:)`` goes on.
public enum RestorePosition: Sendable, Equatable {
    /// Behind this record, in order of collection and key; nil begins.
    case records(after: RecordID?)
    /// Behind the log or score table with this number; 0 begins.
    case spaces(after: Int64)

    /// The most records, or logs and score tables, of one step.
    public static let stepRows = 1_000
    /// Where it begins.
    public static let start = RestorePosition.records(after: nil)
}

/// What one call of ``DurableStore/settleRestore(from:)`` did.
public struct RestoreStep: Sendable, Equatable {
    /// Records whose fence was raised and whose owner was cleared.
    public var records: Int
    /// Logs and score tables that were given a new generation.
    public var spaces: Int
    /// Where the next call goes on; nil when everything is done.
    public var next: RestorePosition?

    /// Joins the numbers of one step.
    public init(records: Int, spaces: Int, next: RestorePosition?) {
        self.records = records
        self.spaces = spaces
        self.next = next
    }
}
