import Foundation

/// Reads whole small files and names paths.
enum FileContent {
    /// Reads a file; `-` is standard input.
    ///
    /// - Throws: ``CommandError`` with the system's reason; notFound, denied or I/O.
    static func read(_ path: String, maximumBytes: Int = 64 << 20) throws(CommandError) -> [UInt8] {
        let input = try InputFile(path)
        var bytes: [UInt8] = []
        while let chunk = try input.read() {
            bytes += chunk
            guard bytes.count <= maximumBytes else {
                throw CommandError(.badInput, "the file \(path) is larger than \(maximumBytes) bytes")
            }
        }
        return bytes
    }

    /// The path from the root, without a trailing slash.
    static func absolute(_ path: String) -> String {
        var path = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
