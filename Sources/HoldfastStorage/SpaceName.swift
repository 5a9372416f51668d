/// The name of a log, a score table or a definition: 1 to 400 bytes of UTF-8, compared byte by byte.
///
/// What uses one builds it from its area and the caller's own names, `queue:orders` for example.
public struct SpaceName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The most bytes a name may have.
    public static let maximumBytes = 400

    /// The UTF-8 bytes.
    public let bytes: [UInt8]

    /// Wraps a string's UTF-8 bytes.
    ///
    /// - Throws: ``StoreError`` with code `badInput` when it is empty or longer than ``maximumBytes``.
    public init(_ text: String) throws(StoreError) {
        try self.init(bytes: Array(text.utf8))
    }

    /// Wraps UTF-8 bytes.
    ///
    /// - Throws: ``StoreError`` with code `badInput` when they are empty, too long or not UTF-8.
    public init(bytes: [UInt8]) throws(StoreError) {
        guard (1...Self.maximumBytes).contains(bytes.count), String(validating: bytes, as: UTF8.self) != nil else {
            throw StoreError(.badInput, "a name has 1 to \(Self.maximumBytes) bytes of UTF-8")
        }
        self.bytes = bytes
    }

    /// The name as text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// Hashes all bytes in one step; the hash of an array would take them one by one.
    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// Orders by bytes, as the stores do; a prefix comes first.
    public static func < (left: SpaceName, right: SpaceName) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
