import HoldfastMemoryStore
import HoldfastRedis
import HoldfastStorage

/// The cursor of a page of a sorted map: the last item's key and its sort key as JSON, so encoded that they pass
/// through a shell.
enum SortedMapCursor {
    static func text(_ item: SortedMapItem<JSONValue>) -> String {
        let sortKey = item.sortKey == nil ? "" : encoded(OutputWriter.text(SortKeyText.output(item.sortKey)))
        return "\(encoded(item.key)):\(sortKey)"
    }

    /// - Throws: ``CommandError`` with code `usage` for anything that ``text(_:)`` did not write.
    static func bound(_ text: String) throws -> SortedMapBound {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let key = decoded(parts[0]), !key.isEmpty, let sortKey = decoded(parts[1]) else {
            throw CommandError.usage("--after: not a cursor of this list")
        }
        return .item(key, sortKey: sortKey.isEmpty ? nil : try SortKeyText.parse(sortKey, option: "--after"))
    }

    private static func encoded(_ text: String) -> String {
        String(decoding: PercentEncoding.encode(text.utf8), as: UTF8.self)
    }

    private static func decoded(_ text: Substring) -> String? {
        PercentEncoding.decode(text.utf8).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
