/// What fits into a map.
struct MapLimits: Sendable {
    /// The most items of one table.
    var items: Int64 = 1_000_000
    /// The most bytes of keys, sort keys and values of one table: 100 MiB.
    var bytes: Int64 = 104_857_600

    /// The most items of one page.
    static let pageItems = 200
    /// The most Unicode scalars of a key, a sort key or a map's name.
    static let characters = 128
    /// The longest life of an item: 45 days.
    static let longestLife = Duration.seconds(3_888_000)

    static func check(name: String, _ what: String) throws(MemoryStoreError) {
        try check(name, "the name of a \(what)", minimum: 1)
    }

    static func check(key: String) throws(MemoryStoreError) {
        try check(key, "a key", minimum: 1)
    }

    static func check(sortKey: String) throws(MemoryStoreError) {
        try check(sortKey, "a sort key", minimum: 0)
    }

    static func check(pageItems count: Int) throws(MemoryStoreError) {
        guard (1...pageItems).contains(count) else {
            throw MemoryStoreError(.badInput, "a page has 1 to \(pageItems) items, not \(count)")
        }
    }

    /// The life in whole milliseconds.
    static func millis(_ life: Duration) throws(MemoryStoreError) -> Int64 {
        guard life >= .milliseconds(1), life <= longestLife else {
            throw MemoryStoreError(.badInput, "an item lives for 1 ms to 45 days; to end it at once, remove it")
        }
        return Int64(life / .milliseconds(1))
    }

    private static func check(_ text: String, _ what: String, minimum: Int) throws(MemoryStoreError) {
        // Four bytes at most each: a long text need not be counted through.
        let count = text.utf8.count > 4 * characters ? text.utf8.count : text.unicodeScalars.count
        guard (minimum...characters).contains(count) else {
            throw MemoryStoreError(.badInput, "\(what) has \(minimum) to \(characters) characters")
        }
    }
}
