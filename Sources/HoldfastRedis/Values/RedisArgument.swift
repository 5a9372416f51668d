/// One word of a command.
///
/// Any byte may occur in it.
public enum RedisArgument: Sendable, Equatable {
    /// Sent as they are.
    case bytes([UInt8])
    /// Sent as UTF-8.
    case string(String)
    /// Sent in decimal digits.
    case integer(Int64)
}

extension RedisArgument: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// Wraps a string literal.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// Wraps an integer literal.
    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }
}
