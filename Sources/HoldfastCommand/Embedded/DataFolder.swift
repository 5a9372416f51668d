import Foundation

/// The folder of the embedded Redis and of SQLite: private to its owner.
struct DataFolder: Sendable {
    let path: String

    /// Held shared by every process that uses the embedded Redis.
    var usersLock: String { "\(path)/redis.users.lock" }
    /// Held alone by the one keeper, and by the Redis that it started.
    var keeperLock: String { "\(path)/keeper.lock" }
    var keeperLog: String { "\(path)/keeper.log" }
    /// Redis' own folder: socket, log and append-only file.
    var redisFolder: String { "\(path)/redis" }
    var redisLog: String { "\(redisFolder)/redis.log" }
    static let socketName = "redis.sock"

    /// Names the folder without touching it.
    init(path: String) {
        self.path = FileContent.absolute(path)
    }

    /// Creates the folder with mode 0700.
    ///
    /// A folder that is empty or ours already is closed to others; any other is left as it is, and refused if
    /// others may write in it.
    ///
    /// - Throws: ``CommandError``: cannot create (73), denied (77) or configuration (78).
    func prepare() throws(CommandError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw creationFailure()
        }
        var information = stat()
        guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            throw CommandError(.denied, "the data folder \(path) is not a folder", exitCode: .cannotCreate)
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw Self.failure(errno, "cannot write in the data folder", path)
        }
        guard information.st_mode & 0o077 != 0 else { return }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? ["?"]
        let isOurs = names.isEmpty || names.contains("keeper.lock") || names.contains("holdfast.sqlite")
        if isOurs, information.st_uid == geteuid() {
            guard chmod(path, 0o700) == 0 else { throw Self.failure(errno, "cannot close the data folder", path) }
        } else if information.st_mode & 0o022 != 0 {
            throw CommandError.configuration(
                "others may write in the data folder \(path); choose another --data-dir or run chmod 700 on it")
        }
    }

    /// Whether not a single block is left for this user.
    var isFull: Bool {
        var information = statvfs()
        // Some virtual file systems count no blocks at all.
        guard statvfs(path, &information) == 0, information.f_blocks > 0 else { return false }
        return (geteuid() == 0 ? information.f_bfree : information.f_bavail) == 0
    }

    /// Gives a failed open or mkdir its exit code.
    static func failure(_ code: Int32, _ what: String, _ path: String) -> CommandError {
        let message = "\(what) \(path): \(String(cString: strerror(code)))"
        switch code {
        case EACCES, EPERM, EROFS: return CommandError(.denied, message)
        case ENOSPC, EDQUOT: return CommandError(.diskFull, message)
        default: return CommandError(.denied, message, exitCode: .cannotCreate)
        }
    }

    private func creationFailure() -> CommandError {
        // FileManager hides the reason; asking the system once more names it.
        let code = mkdir(path, 0o700) == 0 ? EIO : errno
        let message = "cannot create the data folder \(path): \(String(cString: strerror(code)))"
        return code == ENOSPC || code == EDQUOT
            ? CommandError(.diskFull, message)
            : CommandError(.denied, message, exitCode: .cannotCreate)
    }
}
