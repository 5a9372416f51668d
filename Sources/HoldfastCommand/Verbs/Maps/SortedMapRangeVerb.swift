import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct SortedMapRangeVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "range", abstract: "List items in order: by number, then by text, then those without a sort key.",
        discussion: """
            The bounds are left out themselves. A bound with a sort key alone leaves out all items that have it; one \
            with a key alone is a place among the items without a sort key. Examples:
              holdfast sorted-map range auctions --descending --limit 10
              holdfast sorted-map range auctions --above-sort-key 100 --below-sort-key 200
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The map.")
    var name: String

    @Flag(help: "The last items first.")
    var descending = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Only items behind this sort key.", valueName: "number|text"))
    var aboveSortKey: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --above-sort-key: only items behind this key of it.", valueName: "key"))
    var aboveKey: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Only items before this sort key.", valueName: "number|text"))
    var belowSortKey: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --below-sort-key: only items before this key of it.", valueName: "key"))
    var belowKey: String?

    @OptionGroup var page: MapPageOption

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        try page.check()
        let direction: SortDirection = descending ? .descending : .ascending
        var above = try bound(aboveKey, aboveSortKey, option: "--above-sort-key")
        var below = try bound(belowKey, belowSortKey, option: "--below-sort-key")
        if let after = page.after {
            let cursor = try SortedMapCursor.bound(after)
            if descending { below = cursor } else { above = cursor }
        }
        let (rows, next) = try await SortedMapCommand.with(name, invocation) { [above, below, limit = page.limit] map in
            let rows = try await map.range(direction, limit: limit, above: above, below: below)
            guard rows.count == limit, let last = rows.last else { return (rows, String?.none) }
            let rest = try await map.range(
                direction, limit: 1, above: descending ? above : last.bound, below: descending ? last.bound : below)
            return (rows, rest.isEmpty ? nil : SortedMapCursor.text(last))
        }
        let documents = try rows.map { try document($0) }
        try invocation.output.print(.page(documents, next: next)) {
            guard !rows.isEmpty else { return "no items" }
            var table = Table("KEY", "SORT KEY", "VALUE")
            for row in rows {
                table.add(row.key, SortKeyText.text(row.sortKey), (try? MapValue.text(row.value)) ?? "")
            }
            return table.text + (next.map { "\nmore: --after \($0)" } ?? "")
        }
    }

    private func bound(_ key: String?, _ sortKey: String?, option: String) throws -> SortedMapBound? {
        let sortKey = try sortKey.map { try SortKeyText.parse($0, option: option) }
        if let key { return .item(key, sortKey: sortKey) }
        return sortKey.map { .sortKey($0) }
    }

    private func document(_ item: SortedMapItem<JSONValue>) throws -> OutputValue {
        [
            "key": .string(item.key), "value": try MapValue.output(item.value),
            "sortKey": SortKeyText.output(item.sortKey),
        ]
    }
}
