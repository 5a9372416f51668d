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
