import CHoldfastLibPQ

/// A plain blocking connection to PostgreSQL.
///
/// libpq is imported here although the PostgreSQL store has its own import: the judge must not read the
/// store through the code it judges. It blocks its thread, which suits a tool that does nothing else;
/// connecting, each statement and a silent network end by timeouts.
final class PostgresConnection {
    /// Owned by this object; `deinit` ends it.
    private let connection: OpaquePointer

    /// Connects, and gives up after ten seconds unless the URL says otherwise.
    init(url: String, password: String?) throws(VerifierError) {
        // `dbname` is expanded as a URL in place; entries before it are defaults, those after it win.
        var settings = [
            ("connect_timeout", "10"), ("application_name", "holdfast-verifier"), ("keepalives_idle", "10"),
            ("tcp_user_timeout", "30000"), ("dbname", url), ("client_encoding", "UTF8"),
        ]
        if let password { settings.append(("password", password)) }
        let connection = CStrings.with(settings.map(\.0)) { names in
            CStrings.with(settings.map(\.1)) { values in PQconnectdbParams(names, values, 1) }
        }
        guard let connection else { throw VerifierError(.unavailable, "libpq is out of memory") }
        guard PQstatus(connection) == CONNECTION_OK else {
            defer { PQfinish(connection) }
            throw VerifierError(.unavailable, "cannot connect to PostgreSQL: \(Self.lastError(of: connection))")
        }
        self.connection = connection
        // Notices ("trigger does not exist, skipping") would go to standard error.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        try execute("SET statement_timeout = '120s'; SET lock_timeout = '20s'")
    }

    deinit { PQfinish(connection) }

    /// Runs statements without parameters and ignores their rows.
    func execute(_ statements: String) throws(VerifierError) {
        let result = PQexec(connection, statements)
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else { throw failure() }
    }

    /// Runs one statement with text parameters and hands over its rows one at a time.
    func rows(
        _ statement: String, _ parameters: [String] = [], _ visit: (PostgresRow) throws(VerifierError) -> Void
    ) throws(VerifierError) {
        let sent = CStrings.with(parameters) { values in
            // The last argument asks for values in binary form.
            PQsendQueryParams(connection, statement, Int32(parameters.count), nil, values, nil, nil, 1)
        }
        guard sent == 1, PQsetSingleRowMode(connection) == 1 else { throw failure() }
        var problem: VerifierError?
        // The connection is free again only after the nil that follows the last result.
        while let result = PQgetResult(connection) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_SINGLE_TUPLE:
                guard problem == nil else { continue }
                do throws(VerifierError) { try visit(PostgresRow(result: result)) } catch { problem = error }
            case PGRES_TUPLES_OK: continue
            default: problem = problem ?? failure()
            }
        }
        if let problem { throw problem }
    }

    /// Whether a statement returns any row.
    func hasRow(_ statement: String) throws(VerifierError) -> Bool {
        var found = false
        try rows(statement) { _ throws(VerifierError) in found = true }
        return found
    }

    private func failure() -> VerifierError {
        VerifierError(.unavailable, "PostgreSQL: \(Self.lastError(of: connection))")
    }

    /// The server's first line; libpq ends it with a line break.
    private static func lastError(of connection: OpaquePointer) -> String {
        let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        return text.split(separator: "\n").first.map(String.init) ?? "no message"
    }
}

/// Lends Swift strings to C as an array of C strings that ends with NULL.
enum CStrings {
    static func with<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        // One block holds all the strings, so that one closure can lend all of them.
        var starts: [Int] = []
        var block: [CChar] = []
        for string in strings {
            starts.append(block.count)
            block += string.utf8CString
        }
        return block.withUnsafeBufferPointer { bytes in
            let pointers = starts.map { start in bytes.baseAddress.map { $0 + start } } + [nil]
            return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
        }
    }
}
