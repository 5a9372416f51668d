import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct SortedMapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sorted-map", abstract: "Read and write maps in order, shared by all servers. Fast.",
        discussion: "Example: holdfast sorted-map range auctions --descending --limit 10",
        subcommands: [
            SortedMapSetVerb.self, SortedMapGetVerb.self, SortedMapUpdateVerb.self, SortedMapRemoveVerb.self,
            SortedMapRangeVerb.self, SortedMapSizeVerb.self,
        ])

    /// Opens the map for the time of `body`; failures name the key.
    static func with<Result: Sendable>(
        _ name: String, key: String? = nil, _ invocation: Invocation,
        _ body: @escaping @Sendable (SortedMap<JSONValue>) async throws -> Result
    ) async throws -> Result {
        do {
            return try await Backends.withMemory(invocation) { memory in
                try await body(try memory.sortedMap(name, of: JSONValue.self))
            }
        } catch {
            throw CommandError(error, key: key)
        }
    }

    /// Prints an item without its key, as `get` and `update` do.
    static func print(_ item: SortedMapItem<JSONValue>, to output: Output) throws {
        let value = try MapValue.text(item.value)
        try output.print(["value": .raw(Array(value.utf8)), "sortKey": SortKeyText.output(item.sortKey)]) { value }
    }
}

struct SortedMapGetVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print an item's value.",
        discussion: "Example: holdfast sorted-map get auctions sword --json")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var item: MapItemArgument

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let key = item.key
        let found = try await SortedMapCommand.with(item.name, key: key, invocation) { map in
            guard let found = try await map.get(key) else {
                throw CommandError(.notFound, "there is no such item", key: key)
            }
            return found
        }
        try SortedMapCommand.print(found, to: invocation.output)
    }
}

struct SortedMapSetVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Write an item, in place of its old value and sort key.",
        discussion: "Example: holdfast sorted-map set auctions sword '{\"bid\":250}' --ttl 1h --sort-key 250")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var item: MapItemArgument

    @Argument(help: "The value: JSON, at most 32 KiB; a negative number stands last, after --.")
    var value: String

    @OptionGroup var life: LifeOption
    @OptionGroup var sortKey: SortKeyOption

    func perform(_ invocation: Invocation) async throws {
        let (key, life, sortKey) = (item.key, try life.duration, try sortKey.value)
        let value = try MapValue.parse(value, "VALUE", key: key)
        let replaced = try await SortedMapCommand.with(item.name, key: key, invocation) { map in
            try await map.set(key, to: value, sortKey: sortKey, expiresAfter: life)
        }
        try invocation.output.print(["key": .string(key), "replaced": .bool(replaced)]) {
            "\(replaced ? "replaced" : "made") \(TerminalText.escaped(key))"
        }
    }
}

struct SortedMapRemoveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove an item.",
        discussion: "Example: holdfast sorted-map remove auctions sword")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var item: MapItemArgument

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let key = item.key
        try await SortedMapCommand.with(item.name, key: key, invocation) { map in
            guard try await map.remove(key) else {
                throw CommandError(.notFound, "there is no such item", key: key)
            }
        }
        try invocation.output.print(["key": .string(key), "removed": true]) {
            "removed \(TerminalText.escaped(key))"
        }
    }
}

struct SortedMapSizeVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "size", abstract: "Count the items.", discussion: "Example: holdfast sorted-map size auctions")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The map.")
    var name: String

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let size = try await SortedMapCommand.with(name, invocation) { try await $0.size() }
        try invocation.output.print(["size": .integer(Int64(size))]) { "\(size)" }
    }
}
