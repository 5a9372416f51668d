import ArgumentParser
import HoldfastStorage

struct BackupVerifyVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read all of a backup and check that it is complete and as it was written.",
        discussion: "Needs neither Redis nor a store. Example: holdfast backup verify fleet.backup")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The file.")
    var file: String

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let progress = Progress("verify", totalBytes: FileSize.of(file))
        let summary = try await Backup.verify(file) { progress.advance(items: $0, bytes: $1) }
        progress.finish()
        let report = BackupReport(file: file, summary: summary)
        try invocation.output.print(.fields(report.fields + [("ok", .bool(true))])) { "\(report.text): whole" }
    }
}
