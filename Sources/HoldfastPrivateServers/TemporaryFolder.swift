import Foundation
import Glibc

/// A folder of its own that goes away with the value.
///
/// The path is short on purpose: the path of a Unix socket is limited to 107 bytes.
public final class TemporaryFolder: Sendable {
    /// Absolute path without a trailing slash.
    public let path: String

    /// Creates the folder, readable by its owner only.
    public init() throws {
        var template = Array("/tmp/hf-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw PrivateServerError("cannot create a temporary folder: errno \(errno)")
        }
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in the folder.
    public func file(_ name: String) -> String { "\(path)/\(name)" }
}
