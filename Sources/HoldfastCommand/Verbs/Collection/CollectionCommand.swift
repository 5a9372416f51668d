import ArgumentParser
import HoldfastStorage

struct CollectionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collection", abstract: "List and drop collections.",
        discussion: "Example: holdfast collection list",
        subcommands: [CollectionListVerb.self, CollectionDropVerb.self])
}

struct CollectionListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the collections that hold a record.",
        discussion: "Example: holdfast collection list")

    @OptionGroup var global: GlobalOptions

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let collections = try await Stores.with(invocation) { store, _ in try await store.collections() }
        let rows = collections.map { collection -> OutputValue in
            ["name": .string(collection.name.description), "records": .integer(Int64(collection.records))]
        }
        try invocation.output.print(.page(rows)) {
            guard !collections.isEmpty else { return "no collections" }
            var table = Table("COLLECTION", "RECORDS")
            for collection in collections { table.add(collection.name.description, "\(collection.records)") }
            return table.text
        }
    }
}
