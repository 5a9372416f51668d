/// How much there is of one thing, against its limit where it has one.
public struct UsageMeasure: Sendable, Equatable {
    /// What is measured.
    public enum Subject: String, Sendable, CaseIterable {
        /// The document as canonical JSON.
        case documentBytes
        /// The document as it is stored, compressed.
        case storedBytes
        /// The metadata beside the document.
        case metadataBytes
        /// The people that the record names.
        case userIds
        /// The longest of their ids.
        case userIdBytes
        /// Operations that wait to be applied.
        case pendingOperations
        /// Parts of the record, such as the chunks of a world.
        case parts
        /// All parts together.
        case partBytes
        /// The largest part.
        case largestPartBytes
        /// Kept versions of the record.
        case historyVersions
        /// Their payloads as stored.
        case historyBytes
    }

    /// The share of a limit from which on it is warned of: 0.8.
    public static let warningShare = 0.8

    /// What is measured; names that end in `Bytes` count bytes.
    public let subject: Subject
    /// How much there is.
    public let used: Int
    /// How much there may be; nil where nothing bounds it.
    public let limit: Int?

    /// The part of the limit that is used, 0 to 1; nil without a limit.
    public var share: Double? { limit.map { Double(used) / Double($0) } }
    /// Whether ``share`` has reached ``warningShare``.
    public var isWarning: Bool { share.map { $0 >= Self.warningShare } ?? false }
}
