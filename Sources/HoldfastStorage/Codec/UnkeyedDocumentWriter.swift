/// The elements of one array being encoded.
struct UnkeyedDocumentWriter: UnkeyedEncodingContainer {
    let node: EncodingNode

    var codingPath: [any CodingKey] { node.codingPath }
    var count: Int { node.elementCount }

    func encodeNil() { put(.null) }
    func encode(_ value: Bool) { put(.bool(value)) }
    func encode(_ value: String) { put(.string(value)) }
    func encode(_ value: Double) throws { put(try node.number(value, key: position)) }
    func encode(_ value: Float) throws { put(try node.number(value, key: position)) }
    func encode(_ value: Int) { put(.integer(Int64(value))) }
    func encode(_ value: Int8) { put(.integer(Int64(value))) }
    func encode(_ value: Int16) { put(.integer(Int64(value))) }
    func encode(_ value: Int32) { put(.integer(Int64(value))) }
    func encode(_ value: Int64) { put(.integer(Int64(value))) }
    func encode(_ value: UInt) { put(JSONValue(UInt64(value))) }
    func encode(_ value: UInt8) { put(JSONValue(UInt64(value))) }
    func encode(_ value: UInt16) { put(JSONValue(UInt64(value))) }
    func encode(_ value: UInt32) { put(JSONValue(UInt64(value))) }
    func encode(_ value: UInt64) { put(JSONValue(UInt64(value))) }

    func encode(_ value: some Encodable) throws {
        put(try node.encode(value, key: position))
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        open().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { open().unkeyedContainer() }
    func superEncoder() -> any Encoder { open() }

    private var position: DocumentKey { DocumentKey(intValue: count) }

    private func put(_ value: JSONValue) { node.append(.value(value)) }

    private func open() -> EncodingNode {
        let child = EncodingNode(parent: node, key: position)
        node.append(.open(child))
        return child
    }
}
