/// Some items of a hash map.
public struct HashMapPage<Value: Codable & Sendable>: Sendable {
    /// The items; fewer than asked for only on the last page.
    public let items: [HashMapItem<Value>]
    /// Where the next page begins; nil on the last one.
    public let next: HashMapCursor?
}
