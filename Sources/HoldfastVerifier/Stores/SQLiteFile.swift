import Foundation
import GRDB

/// Opens an existing SQLite store and translates its errors.
enum SQLiteFile {
    /// How long a statement waits for a writer.
    private static let busyTimeout: TimeInterval = 10

    /// Runs `body` on a connection that is closed afterwards.
    ///
    /// Never creates a file.
    static func open<Result>(
        _ path: String, readOnly: Bool, _ body: (DatabaseQueue) throws -> Result
    ) throws(VerifierError) -> Result {
        guard FileManager.default.fileExists(atPath: path) else {
            throw VerifierError(.notFound, "there is no store at \(path)")
        }
        do {
            var configuration = Configuration()
            configuration.readonly = readOnly
            configuration.busyMode = .timeout(busyTimeout)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let result = try body(queue)
            try queue.close()
            return result
        } catch let error as VerifierError {
            throw error
        } catch {
            throw VerifierError(.unavailable, "cannot use the store at \(path): \(error)", underlying: error)
        }
    }
}
