/// Turns JSON documents into `Codable` values and notes which keys the type asked for.
///
/// Numbers must fit exactly: `2.5` is no `Int`, `300` no `UInt8`, and an integer that a `Double` would
/// round is refused. A `Float` takes the nearest value.
public struct DocumentDecoder: Sendable {
    /// A decoded value and what its type did not ask for.
    public struct Decoded<Value> {
        /// The document as the type read it.
        public let value: Value
        /// Belongs to exactly the document that was decoded.
        public let trace: KeyTrace
    }

    /// Makes a decoder.
    ///
    /// It has no settings and costs nothing.
    public init() {}

    /// Decodes a document.
    ///
    /// - Throws: ``DocumentError`` with the path of the value that does not fit.
    public func decode<Value: Decodable>(
        _ type: Value.Type, from document: JSONValue
    ) throws(DocumentError) -> Decoded<Value> {
        let node = DecodingNode(document, parent: nil, key: nil)
        do {
            let value = try node.decodeInPlace(type)
            return Decoded(value: value, trace: KeyTrace(node.finish()))
        } catch { throw DocumentError(error) }
    }
}

extension DocumentDecoder.Decoded: Sendable where Value: Sendable {}

/// One value of a document being decoded; the `Decoder` that types see.
final class DecodingNode: Decoder {
    let value: JSONValue
    private let parent: DecodingNode?
    private let key: (any CodingKey)?
    private let depth: Int
    /// One bit for each member of the object that was asked for.
    private var asked: UInt64 = 0
    /// The bits of members beyond the first 64.
    private var askedBeyond: [UInt64] = []
    private var askedAll = false
    /// Whether it was taken as a ``JSONValue``, with all that is in it.
    private var isTakenWhole = false
    /// Where the next key is probably found: types ask in the order in which they wrote.
    private var hint = 0
    private var finished: [Int: KeyTrace.Node] = [:]
    private var opened: [(index: Int, node: DecodingNode)] = []

    init(_ value: JSONValue, parent: DecodingNode?, key: (any CodingKey)?) {
        self.value = value
        self.parent = parent
        self.key = key
        self.depth = parent.map { $0.depth + 1 } ?? 0
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// Built only for errors and for types that ask.
    var codingPath: [any CodingKey] {
        (parent?.codingPath ?? []) + (key.map { [$0] } ?? [])
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let object) = value else { throw mismatch(JSONObject.self, value, key: nil, "an object") }
        return KeyedDecodingContainer(KeyedDocumentReader(node: self, object: object))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch([JSONValue].self, value, key: nil, "an array") }
        return UnkeyedDocumentReader(node: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        SingleDocumentReader(node: self)
    }

    // MARK: - Noting keys

    /// Notes that a key was asked for; returns its position, or nil when it is missing.
    func ask(_ key: String, in object: JSONObject) -> Int? {
        guard let index = object.index(of: key, hint: hint) else { return nil }
        hint = index + 1
        let bit: UInt64 = 1 << UInt64(index & 63)
        if index < 64 {
            asked |= bit
        } else {
            let word = index >> 6 - 1
            while askedBeyond.count <= word { askedBeyond.append(0) }
            askedBeyond[word] |= bit
        }
        return index
    }

    func askAll() { askedAll = true }

    /// What the type left unasked in this value, once its decoding is over.
    func finish() -> KeyTrace.Node {
        for (index, node) in opened { note(node.finish(), at: index) }
        opened = []
        guard !isTakenWhole else { return .complete }
        let finished = finished.isEmpty ? finished : finished.filter { !$1.isComplete }
        switch value {
        case .object(let object):
            let all = object.count
            let isAskedWhole = askedAll || (all < 64 && asked == 1 << UInt64(all) - 1)
            let unasked = isAskedWhole ? [] : object.members.indices.filter { !isAsked($0) }
            return unasked.isEmpty && finished.isEmpty ? .complete : .object(unasked: unasked, children: finished)
        case .array: return finished.isEmpty ? .complete : .array(children: finished)
        default: return .complete
        }
    }

    private func isAsked(_ index: Int) -> Bool {
        let bit: UInt64 = 1 << UInt64(index & 63)
        if index < 64 { return asked & bit != 0 }
        let word = index >> 6 - 1
        return word < askedBeyond.count && askedBeyond[word] & bit != 0
    }

    /// Joins the trace of a child with an earlier one of the same child.
    private func note(_ trace: KeyTrace.Node, at index: Int) {
        if let earlier = finished[index] {
            finished[index] = earlier.union(trace)
        } else if !trace.isComplete {
            finished[index] = trace
        }
    }

    // MARK: - Values

    /// Decodes a value that sits below this node.
    func decode<Value: Decodable>(
        _ type: Value.Type, from value: JSONValue, at index: Int, key: any CodingKey
    ) throws -> Value {
        if let leaf = try leaf(type, value, key: key) {
            if type == JSONValue.self { finished[index] = .complete }
            return leaf
        }
        let child = try node(value, key: key)
        defer { note(child.finish(), at: index) }
        return try child.decodeInPlace(type)
    }

    /// Decodes the value of this node.
    func decodeInPlace<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let leaf = try leaf(type, value, key: nil) {
            if type == JSONValue.self { isTakenWhole = true }
            return leaf
        }
        return try Value(from: self)
    }

    /// A node for a nested container, whose trace is taken when this node finishes.
    func open(_ value: JSONValue, at index: Int?, key: any CodingKey) throws -> DecodingNode {
        let child = try node(value, key: key)
        if let index { opened.append((index, child)) }
        return child
    }

    private func node(_ value: JSONValue, key: any CodingKey) throws -> DecodingNode {
        // A document that was parsed is never deeper; one built in memory may be.
        guard depth <= CanonicalJSON.Limits().maximumDepth else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: codingPath, debugDescription: "nested too deeply", underlyingError: DepthExceeded())
            )
        }
        return DecodingNode(value, parent: self, key: key)
    }

    /// Spares the commonest types a node of their own.
    private func leaf<Value>(_ type: Value.Type, _ value: JSONValue, key: (any CodingKey)?) throws -> Value? {
        // The type comparisons make the casts below exact.
        if type == String.self { return unsafeBitCast(try string(value, key: key), to: type) }
        if type == Int.self { return unsafeBitCast(try integer(value, key: key) as Int, to: type) }
        if type == Double.self { return unsafeBitCast(try double(value, key: key), to: type) }
        if type == Bool.self { return unsafeBitCast(try bool(value, key: key), to: type) }
        if type == UInt8.self { return unsafeBitCast(try integer(value, key: key) as UInt8, to: type) }
        if type == JSONValue.self { return value as? Value }
        return nil
    }

    func bool(_ value: JSONValue, key: (any CodingKey)?) throws -> Bool {
        guard case .bool(let bool) = value else { throw mismatch(Bool.self, value, key: key, "a truth value") }
        return bool
    }

    func string(_ value: JSONValue, key: (any CodingKey)?) throws -> String {
        guard case .string(let string) = value else { throw mismatch(String.self, value, key: key, "a string") }
        return string
    }

    func integer<Integer: FixedWidthInteger>(_ value: JSONValue, key: (any CodingKey)?) throws -> Integer {
        let exact: Integer? =
            switch value {
            case .integer(let number): Integer(exactly: number)
            case .unsigned(let number): Integer(exactly: number)
            case .double(let number): Integer(exactly: number)
            default: nil
            }
        guard let exact else { throw mismatch(Integer.self, value, key: key, "\(Integer.self)") }
        return exact
    }

    func double(_ value: JSONValue, key: (any CodingKey)?) throws -> Double {
        let exact: Double? =
            switch value {
            case .integer(let number): Double(exactly: number)
            case .unsigned(let number): Double(exactly: number)
            case .double(let number): number
            default: nil
            }
        guard let exact else { throw mismatch(Double.self, value, key: key, "Double") }
        return exact
    }

    func float(_ value: JSONValue, key: (any CodingKey)?) throws -> Float {
        let number = Float(try double(value, key: key))
        guard number.isFinite else { throw mismatch(Float.self, value, key: key, "Float") }
        return number
    }

    private func mismatch(
        _ type: any Any.Type, _ value: JSONValue, key: (any CodingKey)?, _ wanted: String
    ) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: codingPath + (key.map { [$0] } ?? []),
            debugDescription: "wanted \(wanted), found \(value.kind) that is none"
        )
        if case .null = value { return .valueNotFound(type, context) }
        return .typeMismatch(type, context)
    }
}
