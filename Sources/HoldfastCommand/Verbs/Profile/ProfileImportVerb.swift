import ArgumentParser
import HoldfastProfiles
import HoldfastStorage

struct ProfileImportVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Write one profile per line of {\"key\",\"data\"[,\"userIds\",\"metadata\"]}. Durable.",
        discussion: """
            Safe to repeat: unchanged documents are skipped. Bad lines and profiles that are open elsewhere are \
            reported, the others go on. The counts are printed after an interruption, too. Example:
              holdfast profile import creatures creatures.jsonl
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The collection.")
    var collection: String

    @Argument(help: "A file, or - for standard input.")
    var file: String

    @Option(
        help: ArgumentHelp(
            "The schema that new profiles are stored with (default: 1); 0 for data that the game has yet to adopt.",
            valueName: "number"))
    var schema = 1

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let name = try CollectionName(collection)
        let input = try InputFile(file)
        let progress = Progress("import", totalBytes: input.size)
        guard (0...Int(Int32.max)).contains(schema) else {
            throw CommandError.usage("--schema: expected a number from 0")
        }
        let tally = ImportTally(invocation.output)
        let run = ImportRun(collection: name, schema: schema, tally: tally, progress: progress)
        do {
            try await FleetMember.with(invocation) { coordinator in
                try await run.run(input, coordinator)
            }
        } catch {
            // Only the operator cancels an import; what was done until then is told all the same.
            guard Task.isCancelled else { throw error }
        }
        progress.finish()
        try tally.finish()
    }
}
