import HoldfastStorage

/// The last committed save of a record, kept in Redis for the next server and for readers: at most 64 KiB.
public struct HotCopy: Sendable, Equatable {
    /// Larger payloads are not kept.
    public static let maximumBytes = 65_536
    /// Names the save whose bytes these are; the store compares it with its row.
    public var reference: HotReference
    /// The stored form: format byte and compressed body.
    public var payload: [UInt8]
    /// The size of the document as canonical JSON.
    public var documentBytes: Int
    /// What readers without a lock need besides; without it the copy serves opens alone.
    ///
    /// Nil in the copy that comes with a lease: the sealed row says all that.
    public var facts: HotCopyFacts?

    /// Joins a payload with the name of its save; checks nothing.
    public init(reference: HotReference, payload: [UInt8], documentBytes: Int, facts: HotCopyFacts? = nil) {
        self.reference = reference
        self.payload = payload
        self.documentBytes = documentBytes
        self.facts = facts
    }
}
