/// The elements of one array being decoded.
struct UnkeyedDocumentReader: UnkeyedDecodingContainer {
    let node: DecodingNode
    let elements: [JSONValue]
    private(set) var currentIndex = 0

    init(node: DecodingNode, elements: [JSONValue]) {
        self.node = node
        self.elements = elements
    }

    var codingPath: [any CodingKey] { node.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard case .null = try current() else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try advance { try $0.bool($1, key: $2) } }
    mutating func decode(_ type: String.Type) throws -> String { try advance { try $0.string($1, key: $2) } }
    mutating func decode(_ type: Double.Type) throws -> Double { try advance { try $0.double($1, key: $2) } }
    mutating func decode(_ type: Float.Type) throws -> Float { try advance { try $0.float($1, key: $2) } }
    mutating func decode(_ type: Int.Type) throws -> Int { try advance { try $0.integer($1, key: $2) } }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try advance { try $0.integer($1, key: $2) } }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try advance { try $0.integer($1, key: $2) } }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try advance { try $0.integer($1, key: $2) } }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try advance { try $0.integer($1, key: $2) } }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try advance { try $0.integer($1, key: $2) } }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try advance { try $0.integer($1, key: $2) } }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try advance { try $0.integer($1, key: $2) } }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try advance { try $0.integer($1, key: $2) } }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try advance { try $0.integer($1, key: $2) } }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let index = currentIndex
        return try advance { try $0.decode(type, from: $1, at: index, key: $2) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let index = currentIndex
        return try advance { try $0.open($1, at: index, key: $2).container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let index = currentIndex
        return try advance { try $0.open($1, at: index, key: $2).unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder {
        let index = currentIndex
        return try advance { try $0.open($1, at: index, key: $2) }
    }

    private func current() throws -> JSONValue {
        guard !isAtEnd else {
            let path = codingPath + [DocumentKey(intValue: currentIndex)]
            throw DecodingError.valueNotFound(
                Any.self, .init(codingPath: path, debugDescription: "the array has no more elements")
            )
        }
        return elements[currentIndex]
    }

    /// Moves on only when the element was taken, so that a type may try another reading of it.
    private mutating func advance<Value>(
        _ read: (DecodingNode, JSONValue, DocumentKey) throws -> Value
    ) throws -> Value {
        let value = try read(node, current(), DocumentKey(intValue: currentIndex))
        currentIndex += 1
        return value
    }
}
