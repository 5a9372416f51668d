import ArgumentParser
import HoldfastMemoryStore

struct SortedMapUpdateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change an item's value so that no concurrent change is lost, and print the new one.",
        discussion: """
            One of three changes: --add to a number, --merge into an object, or --from one exact value --to another. \
            The sort key stays unless --sort-key is given; the time to live begins anew. Examples:
              holdfast sorted-map update visits lobby --add 1 --ttl 1d
              holdfast sorted-map update auctions sword --merge '{"bid":300}' --sort-key 300 --ttl 1h
              holdfast sorted-map update doors gate --from '"shut"' --to '"open"' --ttl 1h
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var item: MapItemArgument
    @OptionGroup var options: ValueChangeOptions
    @OptionGroup var life: LifeOption
    @OptionGroup var sortKey: SortKeyOption

    func perform(_ invocation: Invocation) async throws {
        let (key, change, life, sortKey) = (item.key, try options.change, try life.duration, try sortKey.value)
        let updated = try await SortedMapCommand.with(item.name, key: key, invocation) { map in
            try await map.update(key, expiresAfter: life) { item in
                (value: try change.applied(to: item?.value), sortKey: sortKey ?? item?.sortKey)
            }
        }
        guard let updated else { throw CommandError(.internalError, "the update was cancelled", key: key) }
        try SortedMapCommand.print(updated, to: invocation.output)
    }
}
