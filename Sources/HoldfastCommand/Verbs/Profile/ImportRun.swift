import HoldfastProfiles
import HoldfastStorage

/// Writes the lines of one import, many at a time so that they commit in groups, and equal keys in order.
final class ImportRun: Sendable {
    private enum Outcome: Sendable {
        case imported, unchanged
        case failed(CommandError)
    }

    /// Enough to fill the store's groups while others wait for their commit.
    private static let width = 256

    /// How long an interruption waits for the lines that are being written.
    private static let grace: Duration = .milliseconds(1_500)

    private let collection: CollectionName
    /// What new profiles are stored with.
    private let schema: Int
    private let tally: ImportTally
    private let progress: Progress

    init(collection: CollectionName, schema: Int, tally: ImportTally, progress: Progress) {
        self.collection = collection
        self.schema = schema
        self.tally = tally
        self.progress = progress
    }

    /// Reads and writes until the end of the input or a cancellation; lines that are being written then are
    /// finished and counted.
    ///
    /// - Throws: What ends the whole import: input that cannot be read, a store or Redis that is gone.
    func run(_ input: InputFile, _ coordinator: Coordinator) async throws {
        let profiles = try coordinator.documents(collection.description, schema: schema)
        var reader = LineReader(input)
        try await withThrowingTaskGroup(of: (Int, Key, Outcome).self) { group in
            var running: Set<Key> = []

            func finish(_ line: Int, _ key: Key, _ outcome: Outcome) throws {
                running.remove(key)
                try count(outcome, line: line)
            }

            while let line = try await reader.nextUnlessCancelled() {
                defer { progress.advance(items: 0, bytes: line.size) }
                guard !line.isBlank else { continue }
                let parsed: ImportLine
                do throws(CommandError) {
                    parsed = try ImportLine(try line.content())
                } catch {
                    try count(.failed(error), line: line.number)
                    continue
                }
                while running.count >= Self.width || running.contains(parsed.key), let ended = try await group.next() {
                    try finish(ended.0, ended.1, ended.2)
                }
                running.insert(parsed.key)
                group.addTask { (line.number, parsed.key, try await self.write(parsed, to: profiles)) }
            }
            while let ended = try await group.next() { try finish(ended.0, ended.1, ended.2) }
        }
    }

    /// Writes one line; a cancellation ends it only after the grace.
    private func write(_ line: ImportLine, to profiles: ProfileCollection<JSONValue>) async throws -> Outcome {
        let work = Task { try await self.outcome(of: line, in: profiles) }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            Task {
                try? await Task.sleep(for: Self.grace)
                work.cancel()
            }
        }
    }

    private func outcome(of line: ImportLine, in profiles: ProfileCollection<JSONValue>) async throws -> Outcome {
        let key = line.key.description
        do {
            if try await isStored(line, profiles) { return .unchanged }
            let session = try await profiles.openQuietly(line.key)
            do {
                try session.edit { $0 = line.document }
                if let userIDs = line.userIDs { try session.setUserIDs(userIDs) }
                if let metadata = line.metadata { try session.setMetadata(metadata == .null ? nil : metadata) }
                try await session.close()
                return .imported
            } catch {
                // A line that is refused leaves nothing of itself.
                try? await session.closeWithoutSaving()
                throw error
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            let failure = CommandError(error, key: key)
            // Every other line would fail the same way.
            guard [.badInput, .held, .fenced, .corrupt, .newerSchema].contains(failure.code) else { throw failure }
            return .failed(failure)
        }
    }

    private func isStored(_ line: ImportLine, _ profiles: ProfileCollection<JSONValue>) async throws -> Bool {
        guard let snapshot = try await profiles.read(line.key) else { return false }
        // What is not JSON is neither compared nor carried into a new version.
        _ = try StoredMetadata.checked(snapshot.metadata)
        return try line.matches(snapshot)
    }

    private func count(_ outcome: Outcome, line: Int) throws {
        switch outcome {
        case .imported: tally.count(imported: 1)
        case .unchanged: tally.count(unchanged: 1)
        case .failed(let error): try tally.fail(error, line: line)
        }
        progress.advance(items: 1)
    }
}
