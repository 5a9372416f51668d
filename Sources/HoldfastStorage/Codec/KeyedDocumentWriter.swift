/// The members of one object being encoded.
struct KeyedDocumentWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: EncodingNode

    var codingPath: [any CodingKey] { node.codingPath }

    func encodeNil(forKey key: Key) { put(.null, key) }
    func encode(_ value: Bool, forKey key: Key) { put(.bool(value), key) }
    func encode(_ value: String, forKey key: Key) { put(.string(value), key) }
    func encode(_ value: Double, forKey key: Key) throws { put(try node.number(value, key: key), key) }
    func encode(_ value: Float, forKey key: Key) throws { put(try node.number(value, key: key), key) }
    func encode(_ value: Int, forKey key: Key) { put(.integer(Int64(value)), key) }
    func encode(_ value: Int8, forKey key: Key) { put(.integer(Int64(value)), key) }
    func encode(_ value: Int16, forKey key: Key) { put(.integer(Int64(value)), key) }
    func encode(_ value: Int32, forKey key: Key) { put(.integer(Int64(value)), key) }
    func encode(_ value: Int64, forKey key: Key) { put(.integer(Int64(value)), key) }
    func encode(_ value: UInt, forKey key: Key) { put(JSONValue(UInt64(value)), key) }
    func encode(_ value: UInt8, forKey key: Key) { put(JSONValue(UInt64(value)), key) }
    func encode(_ value: UInt16, forKey key: Key) { put(JSONValue(UInt64(value)), key) }
    func encode(_ value: UInt32, forKey key: Key) { put(JSONValue(UInt64(value)), key) }
    func encode(_ value: UInt64, forKey key: Key) { put(JSONValue(UInt64(value)), key) }

    func encode(_ value: some Encodable, forKey key: Key) throws {
        put(try node.encode(value, key: key), key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        open(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        open(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { open(DocumentKey.superKey) }
    func superEncoder(forKey key: Key) -> any Encoder { open(key) }

    private func put(_ value: JSONValue, _ key: Key) {
        node.append(.value(value), forKey: key.stringValue)
    }

    private func open(_ key: any CodingKey) -> EncodingNode {
        let child = EncodingNode(parent: node, key: key)
        node.append(.open(child), forKey: key.stringValue)
        return child
    }
}
