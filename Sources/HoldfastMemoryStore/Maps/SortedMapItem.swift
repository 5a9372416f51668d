/// An item of a sorted map.
public struct SortedMapItem<Value: Codable & Sendable>: Sendable {
    /// Unique within the map; compared by its UTF-8 bytes.
    public let key: String
    /// What was set.
    public let value: Value
    /// What the map orders by before the key; nil for none.
    public let sortKey: SortKey?

    /// Joins the three.
    public init(key: String, value: Value, sortKey: SortKey? = nil) {
        self.key = key
        self.value = value
        self.sortKey = sortKey
    }

    /// The item's place as a bound: the next page begins behind it.
    public var bound: SortedMapBound { .item(key, sortKey: sortKey) }
}

extension SortedMapItem: Equatable where Value: Equatable {}
