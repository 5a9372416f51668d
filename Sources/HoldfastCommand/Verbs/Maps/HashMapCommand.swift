import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct HashMapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hash-map", abstract: "Read and write maps without an order, shared by all servers. Fast.",
        discussion: "Example: holdfast hash-map get parties 17",
        subcommands: [
            HashMapSetVerb.self, HashMapGetVerb.self, HashMapUpdateVerb.self, HashMapRemoveVerb.self,
            HashMapListVerb.self, HashMapSizeVerb.self,
        ])

    /// Opens the map for the time of `body`; failures name the key.
    static func with<Result: Sendable>(
        _ name: String, key: String? = nil, _ invocation: Invocation,
        _ body: @escaping @Sendable (HashMap<JSONValue>) async throws -> Result
    ) async throws -> Result {
        do {
            return try await Backends.withMemory(invocation) { memory in
                try await body(try memory.hashMap(name, of: JSONValue.self))
            }
        } catch {
            throw CommandError(error, key: key)
        }
    }
}

struct HashMapGetVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print an item's value.", discussion: "Example: holdfast hash-map get parties 17")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var item: MapItemArgument

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let key = item.key
        let found = try await HashMapCommand.with(item.name, key: key, invocation) { map in
            guard let found = try await map.get(key) else {
                throw CommandError(.notFound, "there is no such item", key: key)
            }
            return found
        }
        let value = try MapValue.text(found)
        try invocation.output.print(["value": .raw(Array(value.utf8))]) { value }
    }
}

struct HashMapSetVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Write an item in place of its old value.",
        discussion: "Example: holdfast hash-map set parties 17 '{\"members\":[\"Ada\"]}' --ttl 10m")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var item: MapItemArgument

    @Argument(help: "The value: JSON, at most 32 KiB; a negative number stands last, after --.")
    var value: String

    @OptionGroup var life: LifeOption

    func perform(_ invocation: Invocation) async throws {
        let (key, life) = (item.key, try life.duration)
        let value = try MapValue.parse(value, "VALUE", key: key)
        let replaced = try await HashMapCommand.with(item.name, key: key, invocation) { map in
            try await map.set(key, to: value, expiresAfter: life)
        }
        try invocation.output.print(["key": .string(key), "replaced": .bool(replaced)]) {
            "\(replaced ? "replaced" : "made") \(TerminalText.escaped(key))"
        }
    }
}

struct HashMapUpdateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change an item's value so that no concurrent change is lost, and print the new one.",
        discussion: """
            One of three changes: --add to a number, --merge into an object, or --from one exact value --to another. \
            The time to live begins anew. Example:
              holdfast hash-map update visits lobby --add 1 --ttl 1d
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var item: MapItemArgument
    @OptionGroup var options: ValueChangeOptions
    @OptionGroup var life: LifeOption

    func perform(_ invocation: Invocation) async throws {
        let (key, change, life) = (item.key, try options.change, try life.duration)
        let updated = try await HashMapCommand.with(item.name, key: key, invocation) { map in
            try await map.update(key, expiresAfter: life) { try change.applied(to: $0) }
        }
        guard let updated else { throw CommandError(.internalError, "the update was cancelled", key: key) }
        let value = try MapValue.text(updated)
        try invocation.output.print(["value": .raw(Array(value.utf8))]) { value }
    }
}

struct HashMapRemoveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove an item.", discussion: "Example: holdfast hash-map remove parties 17")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var item: MapItemArgument

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let key = item.key
        try await HashMapCommand.with(item.name, key: key, invocation) { map in
            guard try await map.remove(key) else {
                throw CommandError(.notFound, "there is no such item", key: key)
            }
        }
        try invocation.output.print(["key": .string(key), "removed": true]) {
            "removed \(TerminalText.escaped(key))"
        }
    }
}

struct HashMapListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List items, in no order that means anything.",
        discussion: "Example: holdfast hash-map list parties --limit 200")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The map.")
    var name: String

    @OptionGroup var page: MapPageOption

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        try page.check()
        let cursor: HashMapCursor?
        do {
            cursor = try page.after.map { try HashMapCursor($0) }
        } catch {
            throw CommandError.usage("--after: not a cursor of this list")
        }
        let found = try await HashMapCommand.with(name, invocation) { [limit = page.limit] map in
            try await map.list(limit: limit, after: cursor)
        }
        let rows = try found.items.map { item -> OutputValue in
            ["key": .string(item.key), "value": try MapValue.output(item.value), "sortKey": .null]
        }
        try invocation.output.print(.page(rows, next: found.next?.description)) {
            guard !found.items.isEmpty else { return "no items" }
            var table = Table("KEY", "VALUE")
            for item in found.items { table.add(item.key, (try? MapValue.text(item.value)) ?? "") }
            return table.text + (found.next.map { "\nmore: --after \($0)" } ?? "")
        }
    }
}

struct HashMapSizeVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "size", abstract: "Count the items.", discussion: "Example: holdfast hash-map size parties")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The map.")
    var name: String

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let size = try await HashMapCommand.with(name, invocation) { try await $0.size() }
        try invocation.output.print(["size": .integer(Int64(size))]) { "\(size)" }
    }
}
