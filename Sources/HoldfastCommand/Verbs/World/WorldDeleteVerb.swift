import ArgumentParser
import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds

struct WorldDeleteVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a world with all its chunks and chests under its lease. Durable.",
        discussion: "Example: holdfast world delete 42 --world sky --yes")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var argument: WorldArgument
    @OptionGroup var waiting: WaitOption
    @OptionGroup var confirmation: Confirmation

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? {
        confirmation.deadline(timeout + (try waiting.duration ?? .zero))
    }

    func perform(_ invocation: Invocation) async throws {
        let id = try argument.id
        let record = try id.record
        let (version, chunks) = try await Stores.with(invocation) { store, _ in
            guard let found = try await store.read(record), found.content != nil else {
                throw CommandError(.notFound, "there is no such world", key: id.description)
            }
            return (found.version, try await store.partSummary(of: record).count)
        }
        if !confirmation.dryRun {
            try confirmation.check("Delete the world \(id), version \(version), with \(chunks) chunks?")
            let wait = try waiting.duration
            try await FleetMember.with(invocation) { coordinator in
                // Without reading the chunks: a damaged world can be deleted, too.
                try await coordinator.documents(record.collection.description).deleteQuietly(id.key, wait: wait)
            }
        }
        let word = confirmation.dryRun ? "would delete" : "deleted"
        try invocation.output.print([
            "owner": .string(id.owner), "world": .string(id.name), "version": .integer(version),
            "chunks": .integer(Int64(chunks)), "deleted": .bool(!confirmation.dryRun),
        ]) { "\(word) the world \(TerminalText.escaped(id.description)), version \(version), \(chunks) chunks" }
    }
}
