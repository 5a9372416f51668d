/// The members of one object being decoded.
///
/// Every key that it is asked for is noted in the node.
struct KeyedDocumentReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: DecodingNode
    let object: JSONObject

    var codingPath: [any CodingKey] { node.codingPath }

    /// Notes that the type knows every key there is.
    var allKeys: [Key] {
        node.askAll()
        return object.members.compactMap { Key(stringValue: $0.key) }
    }

    func contains(_ key: Key) -> Bool { node.ask(key.stringValue, in: object) != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        if case .null = try value(key).value { true } else { false }
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try node.bool(value(key).value, key: key) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try node.string(value(key).value, key: key) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try node.double(value(key).value, key: key) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try node.float(value(key).value, key: key) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try node.integer(value(key).value, key: key) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try node.integer(value(key).value, key: key) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try node.integer(value(key).value, key: key) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try node.integer(value(key).value, key: key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try node.integer(value(key).value, key: key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try node.integer(value(key).value, key: key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try node.integer(value(key).value, key: key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try node.integer(value(key).value, key: key) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try node.integer(value(key).value, key: key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try node.integer(value(key).value, key: key) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let (index, value) = try value(key)
        return try node.decode(type, from: value, at: index, key: key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        let (index, value) = try value(key)
        return try node.open(value, at: index, key: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        let (index, value) = try value(key)
        return try node.open(value, at: index, key: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        let index = node.ask(DocumentKey.superKey.stringValue, in: object)
        return try node.open(index.map { object.members[$0].value } ?? .null, at: index, key: DocumentKey.superKey)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        let index = node.ask(key.stringValue, in: object)
        return try node.open(index.map { object.members[$0].value } ?? .null, at: index, key: key)
    }

    private func value(_ key: Key) throws -> (index: Int, value: JSONValue) {
        guard let index = node.ask(key.stringValue, in: object) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "the key is missing"))
        }
        return (index, object.members[index].value)
    }
}
