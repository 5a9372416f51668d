import ArgumentParser
import Synchronization

/// Counts what becomes of the lines of an import, and tells of bad ones at once.
final class ImportTally: Sendable {
    struct Counts: Sendable {
        var imported = 0
        var unchanged = 0
        var failed = 0
    }

    private let output: Output
    private let counted = Mutex(Counts())

    init(_ output: Output) {
        self.output = output
    }

    var counts: Counts { counted.withLock { $0 } }

    func count(imported: Int = 0, unchanged: Int = 0) {
        counted.withLock { counts in
            counts.imported += imported
            counts.unchanged += unchanged
        }
    }

    /// Counts a bad line and tells of it; the others go on.
    func fail(_ error: CommandError, line: Int) throws(CommandError) {
        counted.withLock { $0.failed += 1 }
        let message = error.key.map { "\(error.message) (key \($0))" } ?? error.message
        if output.json {
            try output.print([
                "line": .integer(Int64(line)), "code": .string(error.code.rawValue), "message": .string(message),
            ])
        } else {
            Output.complain("line \(line): \(error.code.rawValue): \(TerminalText.escaped(message))")
        }
    }

    /// Prints the counts of an import that skips what is there already, after an interruption, too.
    ///
    /// - Throws: `ExitCode` of an interruption, or of bad lines.
    func finish() throws {
        let counts = counts
        try output.print([
            "imported": .integer(Int64(counts.imported)), "unchanged": .integer(Int64(counts.unchanged)),
            "failed": .integer(Int64(counts.failed)),
        ]) { "\(counts.imported) imported, \(counts.unchanged) unchanged, \(counts.failed) failed" }
        if Task.isCancelled {
            Output.complain("holdfast: interrupted; importing the same again goes on from here")
            throw ExitCode(ExitStatus.interrupted.rawValue)
        }
        guard counts.failed == 0 else { throw ExitCode(ExitStatus.badInput.rawValue) }
    }
}
