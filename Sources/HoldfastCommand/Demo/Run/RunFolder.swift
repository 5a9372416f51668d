import Foundation
import Glibc

/// The private temporary folder of one run: data, journals and the servers' logs.
struct RunFolder: Sendable {
    let path: String
    var journals: String { "\(path)/journals" }
    /// Embedded Redis and SQLite of a private run.
    var data: String { "\(path)/data" }

    /// Where runs are made: the system's folder for temporary files.
    static var parent: String { FileContent.absolute(NSTemporaryDirectory()) }
    private static let prefix = "holdfast-demo-"

    /// Creates the folder with mode 0700.
    init() throws(CommandError) {
        var template = Array("\(Self.parent)/\(Self.prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw DataFolder.failure(errno, "cannot create a folder in", Self.parent)
        }
        let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
        self.init(existing: String(decoding: bytes, as: UTF8.self))
        guard mkdir(journals, 0o700) == 0 else { throw DataFolder.failure(errno, "cannot create", journals) }
    }

    private init(existing path: String) {
        self.path = path
    }

    /// The run that ended last among those of this user that were kept; nil where there is none.
    static func newestKept(in parent: String = Self.parent) -> RunFolder? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        let ended = names.filter { $0.hasPrefix(prefix) }.compactMap { name -> (folder: RunFolder, at: String)? in
            let folder = RunFolder(existing: "\(parent)/\(name)")
            var information = stat()
            // Others may put folders there, too.
            guard lstat(folder.path, &information) == 0, information.st_uid == geteuid(),
                let at = try? RunFile.read(folder: folder.journals).endedAt
            else { return nil }
            return (folder, at)
        }
        return ended.max { $0.at < $1.at }?.folder
    }

    /// The six characters that tell this run from others.
    var runID: String {
        String(path.suffix(6)).lowercased()
    }

    func log(of server: String) -> String { "\(path)/\(server).log" }

    /// The last lines of a server's log.
    func lastWords(of server: String, lines: Int = 5) async -> [String] {
        guard let bytes = try? await FileContent.receive(log(of: server), maximumBytes: 8 << 20) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(lines).map(String.init)
    }

    /// Removes the folder; a Redis that is just ending may write in it a moment longer.
    func remove() async {
        for _ in 0..<20 {
            try? FileManager.default.removeItem(atPath: path)
            guard FileManager.default.fileExists(atPath: path) else { return }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
