import ArgumentParser
import HoldfastStorage
import HoldfastWorlds

struct WorldExportVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write every stored chunk of a world, one per line, by z and then by x.",
        discussion: """
            What import reads; all of one version, read without a lock. Chunks that are as generated are not stored, \
            and so not written. Damaged chunks are named and left out, and FILE then stays as it was: to take what can \
            still be read, write to standard output. Example: holdfast world export 42 world.jsonl
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var argument: WorldArgument

    @Argument(help: "A file to create or replace once it is complete (default: standard output).")
    var file: String?

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let id = try argument.id
        let target = file == "-" ? nil : file
        let found = try await Stores.with(invocation) { store, _ in
            do {
                return try await WorldReader(store).world(id)
            } catch {
                throw CommandError(error, key: id.description)
            }
        }
        guard let found else { throw CommandError(.notFound, "there is no such world", key: id.description) }
        let destination = try target.map { try ExportFile($0) }
        let progress = Progress("export", totalBytes: nil)
        var exported = 0
        var failed: [ChunkPosition] = []
        for position in found.world.chunkPositions {
            try Task.checkCancellation()
            let line: [UInt8]
            do {
                line = try ChunkLine(position: position, chunk: try found.world.chunk(at: position)).write()
                exported += 1
            } catch {
                failed.append(position)
                Output.complain(CommandError(error, key: id.description).line)
                continue
            }
            if let destination { try destination.output.line(line) } else { try invocation.output.line(line) }
            progress.advance(items: 1)
        }
        progress.finish()
        if let destination, let target {
            guard failed.isEmpty else {
                var names = failed.prefix(10).map(\.description).joined(separator: " ")
                if failed.count > 10 { names += " …" }
                throw CommandError(
                    .corrupt,
                    "\(failed.count) \(failed.count == 1 ? "chunk" : "chunks") cannot be read (\(names)); "
                        + "\(target) was not written",
                    advice: "export to standard output to take the others", key: id.description)
            }
            try destination.complete()
            let document: OutputValue = [
                "exported": .integer(Int64(exported)), "failed": .integer(0), "file": .string(target),
                "version": .integer(found.version),
            ]
            try invocation.output.print(document) { "\(exported) chunks exported to \(TerminalText.escaped(target))" }
        }
        guard failed.isEmpty else { throw ExitCode(ExitStatus.badInput.rawValue) }
    }
}
