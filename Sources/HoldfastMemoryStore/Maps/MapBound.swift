/// Writes bounds as ZRANGEBYLEX takes them.
enum MapBound {
    static let lowest = Array("-".utf8)
    static let highest = Array("+".utf8)

    /// Behind one place in the order, or before it when used as an upper bound.
    static func after(_ place: [UInt8]) -> [UInt8] {
        [UInt8(ascii: "(")] + place
    }

    /// Behind `bound`, as a lower bound.
    static func lower(_ bound: SortedMapBound?) throws(MemoryStoreError) -> [UInt8] {
        guard let bound else { return lowest }
        if let place = try place(bound) { return after(place) }
        // Behind every key with this position.
        return after(try MapPosition.encode(bound.sortKey) + [0xFF])
    }

    /// Before `bound`, as an upper bound.
    static func upper(_ bound: SortedMapBound?) throws(MemoryStoreError) -> [UInt8] {
        guard let bound else { return highest }
        if let place = try place(bound) { return after(place) }
        // A position comes before every key with it.
        return after(try MapPosition.encode(bound.sortKey))
    }

    private static func place(_ bound: SortedMapBound) throws(MemoryStoreError) -> [UInt8]? {
        guard let key = bound.key else { return nil }
        try MapLimits.check(key: key)
        return try MapPosition.encode(bound.sortKey) + key.utf8
    }
}
