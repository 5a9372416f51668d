import ArgumentParser
import HoldfastMemoryStore

struct BoardImportVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Submit one score per line of member,score[,subscore], durably unless --fast.",
        discussion: """
            Scores of one member are submitted in their order. A member that holds a comma or a quote stands in double \
            quotes, with quotes doubled. Bad lines are reported, the others go on. Example:
              holdfast board import arena scores.csv
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The board.")
    var name: String

    @Argument(help: "A file, or - for standard input.")
    var file: String

    @OptionGroup var options: BoardSubmitOptions

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let input = try InputFile(file)
        let progress = Progress("import", totalBytes: input.size)
        let tally = ImportTally(invocation.output)
        let run = BoardImportRun(
            options: options, tally: tally, progress: progress, patience: invocation.settings.timeout)
        try await BoardAccess.with(name, invocation) { board in try await run.run(input, board) }
        progress.finish()
        let counts = tally.counts
        try invocation.output.print(
            ["imported": .integer(Int64(counts.imported)), "failed": .integer(Int64(counts.failed))]
        ) { "\(counts.imported) imported, \(counts.failed) failed" }
        guard counts.failed == 0 else { throw ExitCode(ExitStatus.badInput.rawValue) }
    }
}
