/// A reply of Redis (RESP2).
public enum RedisValue: Sendable, Equatable {
    /// A null bulk string or a null array.
    case null
    /// An integer.
    case integer(Int64)
    /// A bulk string: any bytes.
    case bytes([UInt8])
    /// A short text such as `OK`.
    case status(String)
    /// Nested values, errors among them.
    case array([RedisValue])
    /// An error inside an array. A reply that is an error as a whole is thrown instead.
    case error(RedisServerError)
}

extension RedisValue {
    /// The integer, also when it came as decimal digits; nil for everything else.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .bytes, .status: string.flatMap { Int64($0) }
        case .null, .array, .error: nil
        }
    }

    /// The bytes of a bulk string or a status; nil for everything else.
    public var bytes: [UInt8]? {
        switch self {
        case .bytes(let value): value
        case .status(let text): Array(text.utf8)
        case .null, .integer, .array, .error: nil
        }
    }

    /// The text of a bulk string or a status; nil for everything else and for bytes that are not UTF-8.
    public var string: String? {
        switch self {
        case .bytes(let value): String(validating: value, as: UTF8.self)
        case .status(let text): text
        case .null, .integer, .array, .error: nil
        }
    }

    /// The elements of an array; nil for everything else.
    public var array: [RedisValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// Whether it is null.
    public var isNull: Bool { self == .null }
}

// MARK: Decoding

extension RedisValue {
    /// Returns the integer.
    ///
    /// - Throws: ``RedisError`` with `protocolViolation` naming `what` when the reply is something else.
    public func decodeInteger(_ what: String = "reply") throws(RedisError) -> Int64 {
        guard let integer else { throw mismatch(what, "an integer") }
        return integer
    }

    /// Returns the bytes.
    ///
    /// - Throws: ``RedisError`` with `protocolViolation` naming `what` when the reply is something else.
    public func decodeBytes(_ what: String = "reply") throws(RedisError) -> [UInt8] {
        guard let bytes else { throw mismatch(what, "bytes") }
        return bytes
    }

    /// Returns the text.
    ///
    /// - Throws: ``RedisError`` with `protocolViolation` naming `what` when the reply is something else.
    public func decodeString(_ what: String = "reply") throws(RedisError) -> String {
        guard let string else { throw mismatch(what, "a text") }
        return string
    }

    /// Returns the elements, of which there must be at least `minimum`.
    ///
    /// - Throws: ``RedisError`` with `protocolViolation` naming `what` when the reply is something else.
    public func decodeArray(_ what: String = "reply", minimum: Int = 0) throws(RedisError) -> [RedisValue] {
        guard let array, array.count >= minimum else {
            throw mismatch(what, minimum == 0 ? "an array" : "an array of at least \(minimum)")
        }
        return array
    }

    /// Names the kinds only: the value may be a player's.
    private func mismatch(_ what: String, _ expected: String) -> RedisError {
        let found =
            switch self {
            case .null: "null"
            case .integer: "an integer"
            case .bytes(let value): "\(value.count) bytes"
            case .status: "a status"
            case .array(let values): "an array of \(values.count)"
            case .error(let error): "the error \(error.prefix)"
            }
        return RedisError(.protocolViolation, "\(what): expected \(expected), found \(found)")
    }
}
