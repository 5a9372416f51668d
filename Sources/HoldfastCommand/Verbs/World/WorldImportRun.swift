import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds

/// Writes the lines of one import of a world.
///
/// An import of more chunks than one save takes makes several versions, each of them complete lines and readable as a
/// world; a smaller one makes one.
final class WorldImportRun: Sendable {
    /// One save, unless its bytes are too many before: no more memory than a fraction of a gigabyte.
    private static let batchChunks = 1_000

    private let world: WorldID
    /// A chunk counts as imported once it is durable.
    private let tally: ImportTally
    private let progress: Progress

    init(world: WorldID, tally: ImportTally, progress: Progress) {
        self.world = world
        self.tally = tally
        self.progress = progress
    }

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
        var lines = 0
        while lines < Self.batchChunks {
            guard let line = try await reader.nextUnlessCancelled() else {
                try await save(lines, session)
                return false
            }
            progress.advance(items: 0, bytes: line.size)
            guard !line.isBlank else { continue }
            if let read = try changed(line, session.document) {
                var fate = try set(read, in: session, line: line.number)
                if fate == .full {
                    try await save(lines, session)
                    lines = 0
                    fate = try set(read, in: session, line: line.number)
                }
                if fate == .taken { lines += 1 }
            }
            progress.advance(items: 1)
        }
        try await save(lines, session)
        return true
    }

    private func save(_ lines: Int, _ session: Session<World>) async throws {
        guard lines > 0 else { return }
        // Not a child of this task: an interruption comes after the save, not into it.
        let saved = Task { try await session.save() }
        _ = try await saved.value
        tally.count(imported: lines)
    }

    /// The chunk of a line; nil when the world has it already, or when the line is bad and was reported.
    private func changed(_ line: LineReader.Line, _ world: World) throws -> ChunkLine? {
        do {
            let read = try ChunkLine(try line.content())
            guard try isStored(read, in: world) else { return read }
            tally.count(unchanged: 1)
        } catch {
            try report(error, line: line.number)
        }
        return nil
    }

    private enum Fate { case taken, refused, full }

    private func set(_ read: ChunkLine, in session: Session<World>, line: Int) throws -> Fate {
        do {
            try session.edit { try $0.setChunk(read.chunk, at: read.position) }
            return .taken
        } catch {
            if (error as? WorldError)?.code == .tooManyChanges { return .full }
            try report(error, line: line)
            return .refused
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

    /// Tells of a bad line; what is no fault of the line is thrown.
    private func report(_ error: any Error, line: Int) throws {
        let error = CommandError(error)
        guard error.code == .badInput else { throw error }
        try tally.fail(error, line: line)
    }
}
