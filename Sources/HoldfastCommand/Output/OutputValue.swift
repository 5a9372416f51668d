/// A JSON value to print; fields keep the order they are written in.
enum OutputValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([OutputValue])
    case object([Field])
    /// JSON text that is printed as it is: stored documents.
    case raw([UInt8])

    struct Field: Sendable, Equatable {
        let name: String
        let value: OutputValue
    }

    /// Joins fields into an object.
    static func fields(_ fields: (String, OutputValue)...) -> OutputValue { Self.fields(fields) }

    /// The same of a list.
    static func fields(_ fields: [(String, OutputValue)]) -> OutputValue {
        .object(fields.map { Field(name: $0.0, value: $0.1) })
    }

    /// A list as every verb prints it: rows, and the cursor of the next page.
    static func page(_ rows: [OutputValue], next: String? = nil) -> OutputValue {
        ["rows": .array(rows), "next": .optional(next)]
    }

    static func optional(_ text: String?) -> OutputValue { text.map { .string($0) } ?? .null }

    static func optional(_ number: (some BinaryInteger)?) -> OutputValue { number.map { .integer(Int64($0)) } ?? .null }

    /// Milliseconds with at most three decimals.
    static func millis(_ duration: Duration) -> OutputValue {
        .number((duration.fractionalMillis * 1_000).rounded() / 1_000)
    }

    /// A time in milliseconds since 1970, as RFC 3339.
    static func time(_ millis: Int64) -> OutputValue { .string(Timestamp.text(millis: millis)) }
}

extension OutputValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    init(dictionaryLiteral elements: (String, OutputValue)...) {
        self = .object(elements.map { Field(name: $0.0, value: $0.1) })
    }

    init(arrayLiteral elements: OutputValue...) { self = .array(elements) }
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
}
