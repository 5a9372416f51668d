import HoldfastStorage

/// What a five-character code of PostgreSQL (its manual, appendix A) means for a caller.
struct SQLState: Equatable {
    let code: String

    /// Raised by the migration's own guard.
    static let newerLayout = "HF001"

    /// Reads the code out of a verbose message of a failed connection, `FATAL:  28P01: password …`.
    ///
    /// libpq hands the code of a result only; severities are translated, so the colons are what can be relied on.
    init?(inVerbose message: String) {
        for part in message.split(separator: ":").dropFirst() {
            let word = part.drop { $0 == " " }
            guard word.utf8.count == 5, part.utf8.count == word.utf8.count + 2 else { continue }
            let isCode = word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
            if isCode {
                self.code = String(word)
                return
            }
        }
        return nil
    }

    init(_ code: String) {
        self.code = code
    }

    /// Connection errors.
    ///
    /// Behind a PgBouncer such an error may take the place of any answer, a commit's too.
    var isConnectionFailure: Bool { code.hasPrefix("08") }

    /// Whether the server may give a different answer to a new connection only: shutting down, or a standby.
    var wantsNewConnection: Bool { isConnectionFailure || code.hasPrefix("57P") || code == "25006" }

    /// The error of a statement that certainly had no effect.
    func error(at address: String) -> StoreError {
        switch code {
        case Self.newerLayout:
            StoreError(.newerSchema, "the layout in \(address) was written by a newer build")
        case "53100":
            StoreError(.diskFull, "the disk of the PostgreSQL server at \(address) is full (53100)")
        case "42501":
            StoreError(.denied, "PostgreSQL at \(address) refused a permission (42501)")
        case "42P01", "3F000", "42703", "42704":
            StoreError(
                .wrongDeployment, "PostgreSQL at \(address) has no Holdfast layout (\(code)); run holdfast migrate")
        case "3D000":
            StoreError(.notFound, "PostgreSQL at \(address) has no such database (3D000)")
        case "XX001", "XX002":
            StoreError(.corrupt, "PostgreSQL at \(address) reports damaged data (\(code))")
        case "55P03":
            StoreError(.unavailable, "a record is locked by another transaction at \(address) (55P03)")
        case _ where code.hasPrefix("28"):
            StoreError(.denied, "PostgreSQL at \(address) refused the credentials (\(code))")
        case _ where ["08", "25", "34", "40", "53", "55", "57", "58"].contains(code.prefix(2)):
            StoreError(.unavailable, "PostgreSQL at \(address) could not serve the request (\(code))")
        default:
            StoreError(.internalError, "PostgreSQL at \(address) answered with the unexpected error \(code)")
        }
    }
}
