/// What a ``RecordWrite`` does to one part of its record.
public struct PartWrite: Sendable, Equatable {
    /// The most parts that one record write puts.
    public static let maximumCount = 4_096
    /// The most bytes of all parts of one record write: 16 MiB.
    public static let maximumBytes = 16_777_216
    /// The most parts that one record write removes, which takes their names only.
    public static let maximumRemovals = 65_536

    /// The part, which need not exist.
    public var name: PartName
    /// What it holds from now on; nil removes it.
    public var payload: PartPayload?

    /// Joins the two; the store checks the size.
    public init(name: PartName, payload: PartPayload?) {
        self.name = name
        self.payload = payload
    }
}
