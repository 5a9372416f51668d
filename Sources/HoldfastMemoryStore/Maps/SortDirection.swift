/// Which end of a sorted map comes first.
public enum SortDirection: String, Sendable, CaseIterable {
    /// Numbers from the smallest, then texts, then items without a sort key; equal sort keys by key.
    case ascending
    /// The exact reverse.
    case descending
}
