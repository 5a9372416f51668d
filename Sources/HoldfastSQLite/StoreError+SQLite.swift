import GRDB
import HoldfastStorage

extension StoreError {
    /// Translates what SQLite said before anything was committed.
    init(sqlite error: any Error, _ doing: String, file: String = #fileID, line: Int = #line) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.internalError, "\(doing) failed", underlying: error, file: file, line: line)
            return
        }
        let said = error.message ?? "\(error.extendedResultCode)"
        self.init(Self.code(of: error), "\(doing): \(said)", underlying: error, file: file, line: line)
    }

    /// Translates a failed COMMIT, which may still be found committed after a crash.
    ///
    /// Its last frame can be on disk even though the call that wrote it reported an error. A full disk is named as such
    /// and is just as ambiguous.
    init(failedCommit error: any Error, file: String = #fileID, line: Int = #line) {
        let said = (error as? DatabaseError).map { $0.message ?? "\($0.extendedResultCode)" } ?? "\(error)"
        let isFull = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
        self.init(
            isFull ? .diskFull : .outcomeUnknown, "COMMIT failed: \(said)", underlying: error, file: file, line: line
        )
    }

    private static func code(of error: DatabaseError) -> Code {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_INTERRUPT, .SQLITE_IOERR, .SQLITE_NOMEM, .SQLITE_PROTOCOL:
            .unavailable
        case .SQLITE_FULL: .diskFull
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: .denied
        default: .internalError
        }
    }
}
