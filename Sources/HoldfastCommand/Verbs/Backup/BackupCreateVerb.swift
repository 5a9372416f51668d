import ArgumentParser
import HoldfastStorage

struct BackupCreateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Copy everything that the store holds into a new file, as of one moment. Durable.",
        discussion: """
            The fleet goes on meanwhile. The file appears once it is complete and on disk, and never takes the place of
            another one. What Redis alone has is not in it. Example: holdfast backup create fleet.backup
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A file that does not exist yet.")
    var file: String

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let progress = Progress("backup", totalBytes: nil)
        let summary: BackupSummary
        do {
            summary = try await Stores.with(invocation) { store, _ in
                try await Stores.backupStore(store).backUp(to: file) { progress.advance(items: $0, bytes: $1) }
            }
        } catch let error as StoreError {
            guard error.code == .badInput else { throw error }
            throw CommandError(.badInput, error.message, exitCode: .cannotCreate)
        }
        progress.finish()
        let report = BackupReport(file: file, summary: summary)
        try invocation.output.print(.fields(report.fields)) { report.text }
    }
}

extension Stores {
    /// Every store of the command can be copied; one that a test puts in its place perhaps not.
    static func backupStore(_ store: any DurableStore) throws -> any BackupStore {
        guard let store = store as? any BackupStore else {
            throw CommandError(.usage, "this store cannot be copied as a whole")
        }
        return store
    }
}
