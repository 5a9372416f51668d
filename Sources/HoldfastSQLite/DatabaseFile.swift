import GRDB
import GRDBSQLite
import HoldfastStorage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Makes the database file before SQLite does, so that nobody but its owner may read it.
enum DatabaseFile {
    /// Creates an empty file with mode 0600 where there is none; SQLite gives its companions the same mode.
    static func create(at path: String) throws(StoreError) {
        // Exclusive, so that an existing file is never opened here: closing any descriptor of a file drops
        // this process's POSIX locks on it, those of another store on the same file too.
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
            return
        }
        let failure = errno
        if failure == EEXIST { return }
        let reason = String(cString: strerror(failure))
        throw StoreError(code(of: failure), "opening \(path): \(reason)")
    }

    /// Refuses a file that was moved, removed or replaced while it is open: whoever opens the path now would never see
    /// what is committed here.
    ///
    /// - Throws: ``StoreError``: `wrongDeployment`; `unavailable` where its path cannot be looked at.
    static func checkPlace(of database: Database) throws(StoreError) {
        guard hasMoved(database) else { return }
        // SQLite says so as well when it cannot look at the path for now.
        if let path = sqlite3_db_filename(database.sqliteConnection, "main") {
            var status = stat()
            let failure = stat(path, &status) == 0 ? 0 : errno
            guard [0, ENOENT, ENOTDIR].contains(failure) else {
                let reason = String(cString: strerror(failure))
                throw StoreError(.unavailable, "looking for the database file: \(reason)")
            }
            guard hasMoved(database) else { return }
        }
        throw StoreError(
            .wrongDeployment,
            "the database file was moved or replaced while it was open; nothing more is written: restart this process")
    }

    private static func hasMoved(_ database: Database) -> Bool {
        var hasMoved: CInt = 0
        let result = sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved)
        return result == SQLITE_OK && hasMoved != 0
    }

    private static func code(of failure: Int32) -> StoreError.Code {
        switch failure {
        case ENOENT, ENOTDIR: .notFound
        case ENOSPC, EDQUOT: .diskFull
        case EMFILE, ENFILE, ENOMEM, EIO: .unavailable
        default: .denied
        }
    }
}
