import ArgumentParser
import HoldfastStorage

struct ProfileListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the saved profiles of a collection, in the order of their keys' bytes.",
        discussion: "Example: holdfast profile list players --starting-with guild- --limit 50")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The collection.")
    var collection: String

    @Option(help: ArgumentHelp("Only keys that begin with this.", valueName: "prefix"))
    var startingWith: String?

    @Option(help: ArgumentHelp("The most rows, 1 to 1000.", valueName: "count"))
    var limit = 100

    @Option(help: ArgumentHelp("Begin after the page that ended with this cursor.", valueName: "cursor"))
    var after: String?

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        guard (1...1_000).contains(limit) else { throw CommandError.usage("--limit: expected 1 to 1000") }
        let name = try CollectionName(collection)
        let cursor = try after.map { try ListCursor.key($0) }
        let (rows, next) = try await Stores.with(invocation) { store, _ in
            let prefix = Array((startingWith ?? "").utf8)
            let rows = try await store.list(name, startingWith: prefix, after: cursor, limit: limit)
            guard rows.count == limit, let last = rows.last?.key else { return (rows, String?.none) }
            let more = try await store.list(name, startingWith: prefix, after: last, limit: 1)
            return (rows, more.isEmpty ? nil : ListCursor.text(last))
        }
        try invocation.output.print(.page(rows.map { document($0) }, next: next)) {
            guard !rows.isEmpty else { return "no profiles" }
            var table = Table("KEY", "VERSION", "DOCUMENT", "STORED", "UPDATED")
            for row in rows {
                table.add(
                    row.key.description, "\(row.version)", "\(row.documentBytes) B", "\(row.storedBytes) B",
                    Timestamp.text(millis: row.updatedAtMillis))
            }
            return table.text + (next.map { "\nmore: --after \($0)" } ?? "")
        }
    }

    private func document(_ row: RecordSummary) -> OutputValue {
        [
            "key": .string(row.key.description), "version": .integer(row.version),
            "schema": .integer(Int64(row.schema)), "storedBytes": .integer(Int64(row.storedBytes)),
            "documentBytes": .integer(Int64(row.documentBytes)), "updatedAt": .time(row.updatedAtMillis),
        ]
    }
}
