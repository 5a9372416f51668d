import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds
import Synchronization

/// Writes the lines of one import of a world: as many chunks in one version as a save takes.
final class WorldImportRun: Sendable {
    struct Counts: Sendable {
        var imported = 0
        var unchanged = 0
        var failed = 0
    }

    /// One save: well below its limits, and no more memory than a fraction of a gigabyte.
    private static let batchChunks = 1_000
    private static let batchBytes = PartWrite.maximumBytes / 2

    private let world: WorldID
    private let output: Output
    private let progress: Progress
    private let counted = Mutex(Counts())

    init(world: WorldID, output: Output, progress: Progress) {
        self.world = world
        self.output = output
        self.progress = progress
    }

    /// What became of the lines so far; a chunk counts as imported once it is durable.
    var counts: Counts { counted.withLock { $0 } }

    /// Reads and writes until the end of the input or a cancellation; what was read before is saved.
    ///
    /// - Throws: What ends the whole import: a world that is held, input that cannot be read, a store or Redis that is
    ///   gone.
    func run(_ input: InputFile, _ coordinator: Coordinator) async throws {
        // Without a generator: every chunk of the file is kept.
        let worlds = try WorldStore(coordinator, terrain: nil)
        let session: Session<World>
        do {
            session = try await worlds.open(world, waits: false)
        } catch {
            throw CommandError(error, key: world.description)
        }
        do {
            var reader = LineReader(input)
            while try await importBatch(from: &reader, into: session) {}
            try await session.close()
        } catch {
            // An interruption must not leave the world locked; it is saved by what has been counted.
            try? await session.close()
            throw Task.isCancelled ? error : CommandError(error, key: world.description)
        }
    }

    /// Reads lines until a save is full, and saves; false at the end of the input and after a cancellation.
    private func importBatch(from reader: inout LineReader, into session: Session<World>) async throws -> Bool {
        var changed = Set<ChunkPosition>()
        var lines = 0
        var bytes = 0
        var hasMore = true
        while changed.count < Self.batchChunks, bytes < Self.batchBytes {
            guard let line = try await next(of: &reader) else {
                hasMore = false
                break
            }
            progress.advance(items: 0, bytes: line.size)
            guard line.bytes.map({ !Self.isBlank($0) }) ?? true else { continue }
            do {
                guard let text = line.bytes else {
                    throw CommandError(.badInput, "the line is longer than \(LineReader.maximumBytes) bytes")
                }
                let read = try ChunkLine(text)
                if try isStored(read, in: session.document) {
                    counted.withLock { $0.unchanged += 1 }
                } else {
                    // Coded once more by the save; here it shows that the store will take it.
                    bytes += try ChunkCodec.encode(read.chunk).bytes.count
                    try session.edit { try $0.setChunk(read.chunk, at: read.position) }
                    changed.insert(read.position)
                    lines += 1
                }
            } catch {
                let failure = CommandError(error)
                guard failure.code == .badInput else { throw failure }
                try report(failure, line: line.number)
            }
            progress.advance(items: 1)
        }
        if lines > 0 {
            // Not a child of this task: an interruption comes after the save, not into it.
            let saved = Task { try await session.save() }
            _ = try await saved.value
            counted.withLock { $0.imported += lines }
        }
        return hasMore
    }

    /// The next line; nil at the end of the input and after a cancellation.
    private func next(of reader: inout LineReader) async throws -> LineReader.Line? {
        do {
            let line = try await reader.next()
            return Task.isCancelled ? nil : line
        } catch {
            guard Task.isCancelled else { throw error }
            return nil
        }
    }

    /// Whether the world has just this chunk; one that is damaged is replaced.
    private func isStored(_ line: ChunkLine, in world: World) throws -> Bool {
        guard world.hasOwnChunk(at: line.position) else { return false }
        do {
            return try world.chunk(at: line.position) == line.chunk
        } catch {
            guard error.code == .corrupt else { throw error }
            return false
        }
    }

    private func report(_ error: CommandError, line: Int) throws {
        counted.withLock { $0.failed += 1 }
        if output.json {
            try output.print([
                "line": .integer(Int64(line)), "code": .string(error.code.rawValue), "message": .string(error.message),
            ])
        } else {
            Output.complain("line \(line): \(error.code.rawValue): \(TerminalText.escaped(error.message))")
        }
    }

    private static func isBlank(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }
}
