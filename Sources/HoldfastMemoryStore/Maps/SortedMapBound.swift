/// An exclusive bound of a range: a place in a sorted map's order, which itself is left out.
public struct SortedMapBound: Sendable, Hashable {
    /// The key; nil for all items with ``sortKey``.
    public let key: String?
    /// The sort key; nil for none.
    public let sortKey: SortKey?

    /// The place of one item: where a page ended, for example.
    ///
    /// Whether there is such an item does not matter.
    public static func item(_ key: String, sortKey: SortKey? = nil) -> SortedMapBound {
        SortedMapBound(key: key, sortKey: sortKey)
    }

    /// All items with a sort key, so that a range begins behind them or ends before them.
    public static func sortKey(_ sortKey: SortKey) -> SortedMapBound {
        SortedMapBound(key: nil, sortKey: sortKey)
    }

    /// The same as ``item(_:sortKey:)`` without a sort key: a place among the items that have none.
    public static func key(_ key: String) -> SortedMapBound {
        SortedMapBound(key: key, sortKey: nil)
    }

    private init(key: String?, sortKey: SortKey?) {
        self.key = key
        self.sortKey = sortKey
    }
}
