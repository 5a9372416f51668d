/// Where the judged store is, as the command's `--store` names it.
public enum StoreLocation: Sendable, Equatable {
    /// One SQLite file.
    case sqlite(path: String)
    /// A PostgreSQL connection URL and, beside it, the password.
    case postgres(url: String, password: String?)

    /// Reads `sqlite:PATH` or `postgres://user@host:port/db?host=/socket/dir`.
    ///
    /// - Throws: ``VerifierError`` with code `badInput` for any other form; a store in memory leaves
    ///   nothing behind that could be judged.
    public init(url: String, password: String? = nil) throws(VerifierError) {
        if url.hasPrefix("sqlite:"), url.utf8.count > "sqlite:".utf8.count {
            self = .sqlite(path: String(url.dropFirst("sqlite:".count)))
        } else if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            self = .postgres(url: url, password: password)
        } else {
            let scheme = url.prefix { $0 != ":" }
            throw VerifierError(.badInput, "a store to judge is sqlite:PATH or postgres://…, not \(scheme):…")
        }
    }
}
