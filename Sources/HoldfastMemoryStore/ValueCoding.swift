import HoldfastStorage

/// Writes values as canonical JSON and reads them back.
enum ValueCoding {
    /// The largest value of an item: 32 KiB of canonical JSON.
    static let maximumBytes = 32_768

    /// - Throws: ``MemoryStoreError`` with code `badInput` for a value without a JSON form or over `maximum` bytes.
    static func encode<Value: Encodable>(
        _ value: Value, maximum: Int = maximumBytes
    ) throws(MemoryStoreError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try CanonicalJSON.write(DocumentEncoder().encode(value))
        } catch {
            throw MemoryStoreError(.badInput, "the value cannot be written as JSON: \(error)", underlying: error)
        }
        guard bytes.count <= maximum else {
            throw MemoryStoreError(.badInput, "a value has at most \(maximum) bytes of JSON, not \(bytes.count)")
        }
        return bytes
    }

    /// - Throws: ``MemoryStoreError`` with code `corrupt` when the bytes are not a `Value`.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(MemoryStoreError) -> Value {
        do {
            return try DocumentDecoder().decode(type, from: CanonicalJSON.parse(bytes)).value
        } catch {
            throw MemoryStoreError(.corrupt, "a stored value is no \(type): \(error)", underlying: error)
        }
    }
}
