import HoldfastRedis

/// Where a page of a hash map ended.
///
/// Written as text it passes through a shell and may be used by another process.
public struct HashMapCursor: Sendable, Hashable, CustomStringConvertible {
    /// Names the map, so that a cursor of another one is refused.
    let map: String
    /// The part of the map.
    let shard: Int
    /// Items up to this key were listed; empty for none.
    let key: [UInt8]

    init(map: String, shard: Int, key: [UInt8]) {
        self.map = map
        self.shard = shard
        self.key = key
    }

    /// Reads a cursor's text.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput` for anything else.
    public init(_ text: String) throws(MemoryStoreError) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let shard = Int(parts[1]), shard >= 0,
            let key = PercentEncoding.decode(parts[2].utf8), key.count <= 4 * MapLimits.characters
        else { throw MemoryStoreError(.badInput, "this is no cursor of a hash map") }
        self.init(map: String(parts[0]), shard: shard, key: key)
    }

    /// The text that ``init(_:)`` reads.
    public var description: String {
        "\(map):\(shard):\(String(decoding: PercentEncoding.encode(key), as: UTF8.self))"
    }
}
