/// The place of one value being encoded by itself.
struct SingleDocumentWriter: SingleValueEncodingContainer {
    let node: EncodingNode

    var codingPath: [any CodingKey] { node.codingPath }

    func encodeNil() { node.set(.null) }
    func encode(_ value: Bool) { node.set(.bool(value)) }
    func encode(_ value: String) { node.set(.string(value)) }
    func encode(_ value: Double) throws { node.set(try node.number(value, key: nil)) }
    func encode(_ value: Float) throws { node.set(try node.number(value, key: nil)) }
    func encode(_ value: Int) { node.set(.integer(Int64(value))) }
    func encode(_ value: Int8) { node.set(.integer(Int64(value))) }
    func encode(_ value: Int16) { node.set(.integer(Int64(value))) }
    func encode(_ value: Int32) { node.set(.integer(Int64(value))) }
    func encode(_ value: Int64) { node.set(.integer(Int64(value))) }
    func encode(_ value: UInt) { node.set(JSONValue(UInt64(value))) }
    func encode(_ value: UInt8) { node.set(JSONValue(UInt64(value))) }
    func encode(_ value: UInt16) { node.set(JSONValue(UInt64(value))) }
    func encode(_ value: UInt32) { node.set(JSONValue(UInt64(value))) }
    func encode(_ value: UInt64) { node.set(JSONValue(UInt64(value))) }
    func encode(_ value: some Encodable) throws { try node.encodeInPlace(value) }
}
