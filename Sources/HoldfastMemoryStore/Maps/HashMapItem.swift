/// An item of a hash map.
public struct HashMapItem<Value: Codable & Sendable>: Sendable {
    /// Unique within the map; compared by its UTF-8 bytes.
    public let key: String
    /// What was set.
    public let value: Value

    /// Joins the two.
    public init(key: String, value: Value) {
        self.key = key
        self.value = value
    }
}

extension HashMapItem: Equatable where Value: Equatable {}
