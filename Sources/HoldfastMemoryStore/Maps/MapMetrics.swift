import Metrics

/// Every metric of sorted maps and hash maps, created once.
enum MapMetrics {
    /// Updates that met another's change and ran their function again.
    ///
    /// Many for each update mean that too many servers change one item.
    static let conflictsName = "holdfast_map_conflicts_total"

    static let conflicts = Counter(label: conflictsName)
}
