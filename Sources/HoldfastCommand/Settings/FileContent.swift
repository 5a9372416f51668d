import Foundation

/// Reads whole small files and names paths.
enum FileContent {
    /// Reads a file that is there, blocking.
    ///
    /// - Throws: ``CommandError`` with the system's reason; notFound, denied or I/O.
    static func read(_ path: String, maximumBytes: Int = maximumBytes) throws(CommandError) -> [UInt8] {
        let input = try InputFile(path)
        var bytes: [UInt8] = []
        while let chunk = try input.readBlocking() { try append(chunk, to: &bytes, maximumBytes, path) }
        return bytes
    }

    /// Reads a file, a pipe or, for `-`, standard input, however long its bytes take to come; until cancelled.
    ///
    /// - Throws: ``CommandError`` with the system's reason; notFound, denied or I/O.
    static func receive(_ path: String, maximumBytes: Int = maximumBytes) async throws(CommandError) -> [UInt8] {
        let input = try InputFile(path)
        var bytes: [UInt8] = []
        while let chunk = try await input.read() { try append(chunk, to: &bytes, maximumBytes, path) }
        return bytes
    }

    /// 64 MiB.
    static let maximumBytes = 64 << 20

    private static func append(
        _ chunk: [UInt8], to bytes: inout [UInt8], _ maximumBytes: Int, _ path: String
    ) throws(CommandError) {
        guard bytes.count + chunk.count <= maximumBytes else {
            throw CommandError(.badInput, "the file \(path) is larger than \(maximumBytes) bytes")
        }
        bytes += chunk
    }

    /// The path from the root, without a trailing slash.
    static func absolute(_ path: String) -> String {
        var path = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
