import ArgumentParser
import HoldfastProfiles
import HoldfastStorage

struct HistorySnapshotVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "snapshot", abstract: "Keep what is stored of a profile now, whoever has it open. Durable.",
        discussion: """
            The reason is shown with the version, too: 1 to 64 bytes. Example:
              holdfast history snapshot players 42 --reason "before the event"
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let id = try record.id
        let reason = global.reason ?? "snapshot"
        let version = try await Stores.with(invocation) { store, _ in
            do {
                return try await RecordHistory(of: id, in: store).keepCurrent(reason: reason)
            } catch {
                throw CommandError(error, key: id.key.description)
            }
        }
        try invocation.output.print(
            ["key": .string(id.key.description), "version": .integer(version), "reason": .string(reason)]
        ) { "kept version \(version) of \(TerminalText.escaped("\(id)"))" }
    }
}
