public import HoldfastStorage

/// What a repair did; durable.
public struct RepairReceipt: Sendable, Equatable {
    /// Where the document came from that the record holds now.
    public enum Source: Sendable, Equatable {
        /// It was sound and stays.
        case untouched
        /// The copy in Redis of the very save whose bytes were damaged: nothing is lost.
        case hotCopy
        /// This kept version, the newest that can be read; later saves are lost.
        case version(Int64)
    }

    /// Where the document came from.
    public internal(set) var source = Source.untouched
    /// The record's version after the repair.
    public internal(set) var version: Int64
    /// The version whose damaged bytes are kept in the history, with the reason `quarantine`.
    public internal(set) var quarantined: Int64?
    /// Damaged parts that were removed; their bytes are kept in the store's log ``quarantineLog(of:)``.
    public internal(set) var droppedParts: [PartName] = []
    /// Operations whose effects went with later saves, as ``RestoreReceipt/undoneOperations``.
    public internal(set) var undoneOperations: [OperationID] = []

    /// The store's log that keeps the bytes of a record's damaged parts for 30 days.
    ///
    /// An entry is a line of JSON, `{"checksum","of","part","piece","version"}` with the part's name in hex, a line
    /// end, and up to 60,000 bytes of the part.
    public static func quarantineLog(of id: RecordID) -> SpaceName? {
        id.quarantineLog
    }
}
