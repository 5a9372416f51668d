import HoldfastProfiles
import HoldfastStorage

/// Writes the lines of one import, many at a time so that they commit in groups, and equal keys in order.
struct ImportRun: Sendable {
    struct Counts: Sendable {
        var imported = 0
        var unchanged = 0
        var failed = 0
    }

    private enum Outcome: Sendable {
        case imported, unchanged
        case failed(CommandError)
    }

    /// Enough to fill the store's groups while others wait for their commit.
    private static let width = 256

    let collection: CollectionName
    let output: Output
    let progress: Progress

    /// Reads and writes until the end of the input.
    ///
    /// - Throws: What ends the whole import: input that cannot be read, a store or Redis that is gone.
    func run(_ input: InputFile, _ coordinator: Coordinator) async throws -> Counts {
        let profiles = try coordinator.documents(collection.description)
        var reader = LineReader(input)
        return try await withThrowingTaskGroup(of: (Int, Key, Outcome).self) { group in
            var counts = Counts()
            var running: Set<Key> = []

            func finish(_ line: Int, _ key: Key, _ outcome: Outcome) throws {
                running.remove(key)
                try count(outcome, line: line, &counts)
            }

            while let line = try await reader.next() {
                try Task.checkCancellation()
                defer { progress.advance(items: 0, bytes: line.size) }
                guard line.bytes.map({ !Self.isBlank($0) }) ?? true else { continue }
                let parsed: ImportLine
                do throws(CommandError) {
                    guard let bytes = line.bytes else {
                        throw CommandError(.badInput, "the line is longer than \(LineReader.maximumBytes) bytes")
                    }
                    parsed = try ImportLine(bytes)
                } catch {
                    try count(.failed(error), line: line.number, &counts)
                    continue
                }
                while running.count >= Self.width || running.contains(parsed.key), let ended = try await group.next() {
                    try finish(ended.0, ended.1, ended.2)
                }
                running.insert(parsed.key)
                group.addTask { (line.number, parsed.key, try await write(parsed, to: profiles, coordinator)) }
            }
            while let ended = try await group.next() { try finish(ended.0, ended.1, ended.2) }
            return counts
        }
    }

    private func write(
        _ line: ImportLine, to profiles: ProfileCollection<JSONValue>, _ coordinator: Coordinator
    ) async throws -> Outcome {
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
                try? await session.close()
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

    private func count(_ outcome: Outcome, line: Int, _ counts: inout Counts) throws {
        switch outcome {
        case .imported: counts.imported += 1
        case .unchanged: counts.unchanged += 1
        case .failed(let error):
            counts.failed += 1
            let message = error.key.map { "\(error.message) (key \($0))" } ?? error.message
            if output.json {
                try output.print([
                    "line": .integer(Int64(line)), "code": .string(error.code.rawValue), "message": .string(message),
                ])
            } else {
                Output.complain("line \(line): \(error.code.rawValue): \(TerminalText.escaped(message))")
            }
        }
        progress.advance(items: 1)
    }

    private static func isBlank(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }
}
