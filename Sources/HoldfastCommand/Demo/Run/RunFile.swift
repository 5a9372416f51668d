import Foundation

/// `run.json` beside the journals: what a verifier has to know of the run.
struct RunFile: Codable, Sendable, Equatable {
    var deployment: String
    var collection: String
    /// The store's address, without a password.
    var store: String
    var seed: UInt64
    var startedAt: String
    /// Redis was emptied, restarted or away during the run: a lease may have been lost without any fault of a server.
    var redisFaults = false
    /// When the fleet had stopped; nil while it plays, and for a demo that was killed.
    var endedAt: String?

    /// Writes the file, whole or not at all.
    func write(folder: String) throws(CommandError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(self).write(to: URL(fileURLWithPath: "\(folder)/run.json"), options: .atomic)
        } catch {
            throw CommandError(
                .internalError, "cannot write \(folder)/run.json: \(error.localizedDescription)", exitCode: .inputOutput
            )
        }
    }

    /// Reads the file of a kept run.
    static func read(folder: String) throws(CommandError) -> RunFile {
        let bytes = try FileContent.read("\(folder)/run.json", maximumBytes: 1 << 20)
        do {
            return try JSONDecoder().decode(RunFile.self, from: Data(bytes))
        } catch {
            throw CommandError(.badInput, "\(folder)/run.json is not the description of a demo run")
        }
    }
}
