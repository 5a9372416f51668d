/// What a sorted map orders its items by, before their keys.
///
/// Numbers come first, in numeric order; then texts, by their UTF-8 bytes. Items without a sort key come last.
public enum SortKey: Sendable {
    /// Any finite number; -0 is 0.
    case number(Double)
    /// At most 128 characters.
    case string(String)
}

extension SortKey: Hashable, Comparable {
    /// Compares numbers by value and texts by bytes.
    public static func == (left: SortKey, right: SortKey) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        default: false
        }
    }

    /// Orders as a sorted map does.
    public static func < (left: SortKey, right: SortKey) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right
        case (.string(let left), .string(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.number, .string): true
        case (.string, .number): false
        }
    }

    /// Hashes in keeping with `==`.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .number(let number): hasher.combine(number)
        case .string(let text): for byte in text.utf8 { hasher.combine(byte) }
        }
    }
}

extension SortKey: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral {
    /// Wraps a number.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// Wraps a number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// Wraps a text.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension SortKey: CustomStringConvertible {
    /// The number or the text.
    public var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .string(let text): text
        }
    }
}
