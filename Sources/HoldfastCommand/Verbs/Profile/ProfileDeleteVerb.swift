import ArgumentParser
import HoldfastProfiles
import HoldfastStorage

struct ProfileDeleteVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a profile's data under its lease. Durable.",
        discussion: "Example: holdfast profile delete players 42 --yes")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument
    @OptionGroup var waiting: WaitOption
    @OptionGroup var confirmation: Confirmation

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? {
        confirmation.deadline(timeout + (try waiting.duration ?? .zero))
    }

    func perform(_ invocation: Invocation) async throws {
        let id = try record.id
        let key = id.key.description
        let found = try await Stores.with(invocation) { store, _ in try await store.read(id) }
        guard let found, found.content != nil else {
            throw CommandError(.notFound, "there is no such profile in \(id.collection)", key: key)
        }
        if !confirmation.dryRun {
            try confirmation.check("Delete \(id), version \(found.version)?")
            let wait = try waiting.duration
            try await FleetMember.with(invocation) { coordinator in
                try await coordinator.documents(id.collection.description).deleteQuietly(id.key, wait: wait)
            }
        }
        let word = confirmation.dryRun ? "would delete" : "deleted"
        try invocation.output.print(
            ["key": .string(key), "version": .integer(found.version), "deleted": .bool(!confirmation.dryRun)]
        ) { "\(word) \(TerminalText.escaped("\(id)")), version \(found.version)" }
    }
}
