import Foundation
import Glibc
import HoldfastMemoryStore

/// Where a server stands in the run's channel, kept for the process that replaces it.
struct CursorFile: Sendable {
    /// More than any cursor takes.
    private static let length = 256

    private let path: String

    /// - Parameter reader: The server's name without the number of its process.
    init(folder: String, reader: String) {
        path = "\(folder)/\(reader).cursor"
    }

    /// Behind the last announcement that was journaled; nil for a first process.
    func read() -> AnnouncementCursor? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return AnnouncementCursor(text.trimmingCharacters(in: .whitespaces))
    }

    /// Replaces the cursor in one write, which the death of the process does not tear.
    func write(_ cursor: AnnouncementCursor) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var bytes = Array(cursor.description.utf8)
        bytes += [UInt8](repeating: 0x20, count: max(0, Self.length - bytes.count))
        _ = pwrite(descriptor, bytes, bytes.count, 0)
    }
}
