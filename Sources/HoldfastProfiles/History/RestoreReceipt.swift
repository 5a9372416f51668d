public import HoldfastStorage

/// What a restore did; durable.
public struct RestoreReceipt: Sendable, Equatable {
    /// The version that was brought back.
    public let restored: Int64
    /// The number that it has now, above all others.
    public let version: Int64
    /// The version that it replaced, which the history keeps; nil where the record held nothing.
    public let replaced: Int64?
    /// Operations that were applied after the restored version was written, at most 1,000.
    ///
    /// Their receipts stay, so none of them is applied again; their effects are gone from the data. What is still due
    /// of them has to be delivered under new ids. One that was applied within the very millisecond in which that
    /// version was written is taken for a part of it.
    public let undoneOperations: [OperationID]
}
