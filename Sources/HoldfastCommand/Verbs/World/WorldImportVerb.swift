import ArgumentParser
import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds

struct WorldImportVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Write one chunk per line of {\"key\",\"x\",\"z\",\"blocks\"[,\"heightMap\",\"chests\"]}. Durable.",
        discussion: """
            Makes the world where there is none, and leaves chunks that no line names as they are. Safe to repeat: \
            unchanged chunks are skipped. Bad lines are reported, the others go on. A world that is open elsewhere is \
            not touched. Example: holdfast world import 42 world.jsonl
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var argument: WorldArgument

    @Argument(help: "A file, or - for standard input.")
    var file: String

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let id = try argument.id
        let input = try InputFile(file)
        let progress = Progress("import", totalBytes: input.size)
        let tally = ImportTally(invocation.output)
        let run = WorldImportRun(world: id, tally: tally, progress: progress)
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
