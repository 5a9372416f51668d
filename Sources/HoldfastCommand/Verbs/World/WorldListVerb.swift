import ArgumentParser
import HoldfastStorage
import HoldfastWorlds

struct WorldListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the saved worlds of a player.",
        discussion: "Example: holdfast world list 42")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The player who owns the worlds.")
    var owner: String

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let rows = try await Stores.with(invocation) { store, _ in try await WorldReader(store).worlds(of: owner) }
        try invocation.output.print(.page(rows.map { document($0) })) {
            guard !rows.isEmpty else { return "no worlds" }
            var table = Table("WORLD", "VERSION", "CHUNKS", "STORED", "SAVED")
            for row in rows {
                table.add(
                    row.id.name, "\(row.version)", "\(row.chunks)", "\(row.storedBytes) B",
                    Timestamp.text(millis: row.savedAtMillis))
            }
            return table.text
        }
    }

    private func document(_ row: WorldSummary) -> OutputValue {
        [
            "owner": .string(row.id.owner), "world": .string(row.id.name), "version": .integer(row.version),
            "chunks": .integer(Int64(row.chunks)), "storedBytes": .integer(Int64(row.storedBytes)),
            "savedAt": .time(row.savedAtMillis),
        ]
    }
}
