/// The name of one part of a record: 1 to 64 bytes, any of them, compared byte by byte.
///
/// Whatever writes parts lays their names out so that this order is the one to read them in.
public struct PartName: Hashable, Sendable, Comparable {
    /// The most bytes a name may have.
    public static let maximumBytes = 64

    /// The bytes as they were given.
    public let bytes: [UInt8]

    /// Wraps a string's UTF-8 bytes.
    ///
    /// - Throws: ``StoreError`` with code `badInput` when it is empty or longer than ``maximumBytes``.
    public init(_ text: String) throws(StoreError) {
        try self.init(bytes: Array(text.utf8))
    }

    /// Wraps bytes.
    ///
    /// - Throws: ``StoreError`` with code `badInput` when there are none or more than ``maximumBytes``.
    public init(bytes: [UInt8]) throws(StoreError) {
        guard (1...Self.maximumBytes).contains(bytes.count) else {
            throw StoreError(.badInput, "a part's name has 1 to \(Self.maximumBytes) bytes, not \(bytes.count)")
        }
        self.bytes = bytes
    }

    /// Hashes all bytes in one step; the hash of an array would take them one by one.
    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// Orders by bytes, as the stores do; a prefix comes first.
    public static func < (left: PartName, right: PartName) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension PartName: CustomStringConvertible {
    /// The name as text where it is some, else its bytes as hex digits.
    public var description: String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return bytes.hex
    }
}
