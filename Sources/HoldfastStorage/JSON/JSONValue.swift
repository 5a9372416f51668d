/// One JSON value, with numbers and strings kept exactly.
///
/// Whole numbers are `integer`, or `unsigned` above `Int64.max`; every other number is a `double`.
/// Two values are equal when their canonical forms have the same bytes, so `.double(1)` equals
/// `.integer(1)`, and a composed "é" differs from a decomposed one.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Only for numbers above `Int64.max`.
    case unsigned(UInt64)
    /// Neither NaN nor infinite; ``CanonicalJSON/write(_:limits:)`` refuses those.
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Wraps an unsigned number in its canonical case.
    public init(_ number: UInt64) {
        self = Int64(exactly: number).map { .integer($0) } ?? .unsigned(number)
    }

    /// Wraps a number in its canonical case: an integer when it is whole and within ±2^53.
    public init(_ number: Double) {
        self = Self.whole(number).map { .integer($0) } ?? .double(number)
    }

    /// The member of an object; nil for other kinds and missing keys.
    ///
    /// Setting works on objects only.
    public subscript(key: String) -> JSONValue? {
        get {
            guard case .object(let object) = self else { return nil }
            return object[key]
        }
        set {
            guard case .object(var object) = self else { return }
            self = .null
            object[key] = newValue
            self = .object(object)
        }
    }

    /// The element of an array; nil for other kinds and positions outside.
    public subscript(index: Int) -> JSONValue? {
        guard case .array(let array) = self, array.indices.contains(index) else { return nil }
        return array[index]
    }

    /// The members, or nil for other kinds.
    public var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The elements, or nil for other kinds.
    public var array: [JSONValue]? {
        if case .array(let array) = self { array } else { nil }
    }

    /// The text, or nil for other kinds.
    public var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    /// The truth value, or nil for other kinds.
    public var bool: Bool? {
        if case .bool(let bool) = self { bool } else { nil }
    }

    /// The number where it is exactly an `Int64`, else nil.
    public var int64: Int64? {
        switch self {
        case .integer(let number): number
        case .unsigned(let number): Int64(exactly: number)
        case .double(let number): Int64(exactly: number)
        default: nil
        }
    }

    /// The word for its kind in messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .integer, .unsigned, .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The integer that a whole number within ±2^53 is written as; -0 is 0.
    static func whole(_ number: Double) -> Int64? {
        guard abs(number) <= 9_007_199_254_740_992, let integer = Int64(exactly: number) else { return nil }
        return integer
    }

    /// The same number in the one case that the parser would use.
    fileprivate var canonicalCase: JSONValue {
        switch self {
        case .unsigned(let number): JSONValue(number)
        case .double(let number): JSONValue(number)
        default: self
        }
    }
}

extension JSONValue: Hashable {
    /// Compares canonical forms: numbers by value, strings by bytes.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left.canonicalCase, right.canonicalCase) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.unsigned(let left), .unsigned(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// Hashes the canonical form, in keeping with `==`.
    public func hash(into hasher: inout Hasher) {
        switch canonicalCase {
        case .null: hasher.combine(0)
        case .bool(let bool): hasher.combine(bool)
        case .integer(let number): hasher.combine(number)
        case .unsigned(let number): hasher.combine(number)
        case .double(let number): hasher.combine(number)
        case .string(let string): string.hashBytes(into: &hasher)
        case .array(let array): hasher.combine(array)
        case .object(let object): hasher.combine(object)
        }
    }
}

// Not by `nil`: where a `JSONValue?` is wanted, a bare `nil` could then silently mean `.null`.
extension JSONValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Makes a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes an integer; a number above `Int64.max` is written as `.unsigned`.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Makes a number in its canonical case: `1.0` is the integer 1.
    public init(floatLiteral value: Double) { self.init(value) }
    /// Makes a string of the literal's own bytes, not normalised.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes an array in the order given.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// A key that is named twice keeps its last value.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(lastWins: elements.map { JSONObject.Member(key: $0, value: $1) }))
    }
}
