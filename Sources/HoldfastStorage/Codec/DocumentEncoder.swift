/// Turns `Codable` values into JSON documents.
///
/// It follows what types ask for: an optional that synthesised code skips is absent, dictionaries
/// with string or integer keys are objects, `Date` and `Data` take their default `Codable` form.
/// A `Float` is written as its own shortest decimal. NaN and infinity are refused.
public struct DocumentEncoder: Sendable {
    /// Makes an encoder.
    ///
    /// It has no settings and costs nothing.
    public init() {}

    /// Encodes a value.
    ///
    /// - Throws: ``DocumentError`` with the path of the value that has no JSON form.
    public func encode(_ value: some Encodable) throws(DocumentError) -> JSONValue {
        do {
            return try EncodingNode(parent: nil, key: nil).encodeWhole(value)
        } catch { throw DocumentError(error) }
    }
}

/// One value on its way into a document; the `Encoder` that types see.
final class EncodingNode: Encoder {
    private enum Kind { case empty, value, object, array }

    /// A finished value, or one whose container may still be written to.
    enum Slot {
        case value(JSONValue)
        case open(EncodingNode)
    }

    private let parent: EncodingNode?
    private let key: (any CodingKey)?
    /// How many containers enclose this value.
    private let depth: Int
    private var kind = Kind.empty
    private var value = JSONValue.null
    private var members: [(key: String, slot: Slot)] = []
    private var elements: [Slot] = []
    private var isMisused = false

    init(parent: EncodingNode?, key: (any CodingKey)?) {
        self.parent = parent
        self.key = key
        self.depth = parent.map { $0.depth + 1 } ?? 0
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// Built only for errors and for types that ask.
    var codingPath: [any CodingKey] {
        (parent?.codingPath ?? []) + (key.map { [$0] } ?? [])
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        open(.object)
        return KeyedEncodingContainer(KeyedDocumentWriter(node: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        open(.array)
        return UnkeyedDocumentWriter(node: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleDocumentWriter(node: self)
    }

    // MARK: - For the containers

    var elementCount: Int { elements.count }

    /// Fixes the kind of value; a type may ask for the same container again, not for another one.
    private func open(_ wanted: Kind) {
        if kind == .empty { kind = wanted } else if kind != wanted || wanted == .value { isMisused = true }
    }

    func set(_ value: JSONValue) {
        open(.value)
        self.value = value
    }

    func append(_ slot: Slot, forKey key: String) { members.append((key, slot)) }
    func append(_ slot: Slot) { elements.append(slot) }

    /// Encodes a value that sits below this node.
    func encode(_ value: some Encodable, key: @autoclosure () -> any CodingKey) throws -> JSONValue {
        if let leaf = try leaf(value, key: key()) { return leaf }
        return try EncodingNode(parent: self, key: key()).encodeWhole(value)
    }

    /// Encodes a value that stands in the place of this node.
    func encodeInPlace(_ value: some Encodable) throws {
        if let leaf = try leaf(value, key: nil) { return set(leaf) }
        try value.encode(to: self)
    }

    /// Encodes the value of this node and closes it.
    func encodeWhole(_ value: some Encodable) throws -> JSONValue {
        // Checked on the way down, so that a type that contains itself ends as an error.
        guard depth <= CanonicalJSON.Limits().maximumDepth else { throw depthError(value) }
        try encodeInPlace(value)
        return try finish()
    }

    /// Closes the node and everything still open below it.
    func finish() throws -> JSONValue {
        guard !isMisused else {
            throw EncodingError.invalidValue(0, context("the type asked for two kinds of container for one value"))
        }
        switch kind {
        case .value: return value
        case .empty: return .object(JSONObject())
        case .array:
            guard depth < CanonicalJSON.Limits().maximumDepth else { throw depthError(0) }
            return .array(try elements.map(Self.close))
        case .object:
            guard depth < CanonicalJSON.Limits().maximumDepth else { throw depthError(0) }
            return .object(
                JSONObject(lastWins: try members.map { .init(key: $0.key, value: try Self.close($0.slot)) })
            )
        }
    }

    private static func close(_ slot: Slot) throws -> JSONValue {
        switch slot {
        case .value(let value): value
        case .open(let node): try node.finish()
        }
    }

    /// Spares the commonest types a node of their own.
    private func leaf<Value: Encodable>(
        _ value: Value, key: @autoclosure () -> (any CodingKey)?
    ) throws -> JSONValue? {
        // The type comparisons make the casts below exact.
        if Value.self == String.self { return .string(unsafeBitCast(value, to: String.self)) }
        if Value.self == Int.self { return .integer(Int64(unsafeBitCast(value, to: Int.self))) }
        if Value.self == Double.self { return try number(unsafeBitCast(value, to: Double.self), key: key()) }
        if Value.self == Bool.self { return .bool(unsafeBitCast(value, to: Bool.self)) }
        if Value.self == UInt8.self { return .integer(Int64(unsafeBitCast(value, to: UInt8.self))) }
        if Value.self == JSONValue.self { return value as? JSONValue }
        return nil
    }

    func number(_ number: Double, key: @autoclosure () -> (any CodingKey)?) throws -> JSONValue {
        guard number.isFinite else {
            let path = codingPath + (key().map { [$0] } ?? [])
            throw EncodingError.invalidValue(
                number, .init(codingPath: path, debugDescription: "JSON has no NaN or infinity")
            )
        }
        return JSONValue(number)
    }

    func number(_ number: Float, key: @autoclosure () -> (any CodingKey)?) throws -> JSONValue {
        // The float's own shortest digits, not those of the same value as a Double.
        try self.number(Double(number.description) ?? Double(number), key: key())
    }

    private func context(_ message: String, underlying: (any Error)? = nil) -> EncodingError.Context {
        .init(codingPath: codingPath, debugDescription: message, underlyingError: underlying)
    }

    private func depthError(_ value: Any) -> EncodingError {
        .invalidValue(value, context("the value is nested too deeply", underlying: DepthExceeded()))
    }
}
