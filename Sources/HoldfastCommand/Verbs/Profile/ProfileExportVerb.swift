import ArgumentParser
import Glibc
import HoldfastStorage

struct ProfileExportVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write every saved profile of a collection, one per line, in the order of their keys' bytes.",
        discussion: """
            What import reads, in canonical form. Damaged profiles are named and left out, and FILE then stays as it \
            was: to take what can still be read, write to standard output. Example: holdfast profile export players \
            players.jsonl
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The collection.")
    var collection: String

    @Argument(help: "A file to create or replace once it is complete (default: standard output).")
    var file: String?

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let name = try CollectionName(collection)
        let target = file == "-" ? nil : file
        let destination = try target.map { try ExportFile($0) }
        let progress = Progress("export", totalBytes: nil)
        let (exported, failed) = try await Stores.with(invocation) { store, _ in
            try await ExportRun(collection: name, store: store, progress: progress).run { line in
                if let destination { try destination.output.line(line) } else { try invocation.output.line(line) }
            }
        }
        progress.finish()
        if let destination, let target {
            guard failed == 0 else {
                throw CommandError(
                    .corrupt,
                    "\(failed) \(failed == 1 ? "profile" : "profiles") cannot be read; \(target) was not written",
                    advice: "export to standard output to take the others", key: collection)
            }
            try destination.complete()
            try invocation.output.print(
                ["exported": .integer(Int64(exported)), "failed": .integer(0), "file": .string(target)]
            ) { "\(exported) exported to \(TerminalText.escaped(target))" }
        }
        guard failed == 0 else { throw ExitCode(ExitStatus.badInput.rawValue) }
    }
}
