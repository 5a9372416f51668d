internal import CHoldfastLibPQ
import HoldfastStorage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// One connection, non-blocking and in pipeline mode.
///
/// Belongs to one thread.
///
/// Every wait is a poll(2) with a deadline. Once ``isUsable`` is false the connection is to be dropped.
final class LibPQConnection {
    private let connection: OpaquePointer
    private let address: String
    private(set) var isUsable = true

    private init(_ connection: OpaquePointer, address: String) {
        self.connection = connection
        self.address = address
    }

    deinit {
        // A dropped connection must not keep its server waiting for the rest of a pipeline.
        let socket = PQsocket(connection)
        if !isUsable, socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
        PQfinish(connection)
    }

    var socket: Int32 { PQsocket(connection) }

    // MARK: - Connecting

    /// Connects.
    ///
    /// Nothing was changed when it throws.
    static func open(
        _ configuration: PostgresConfiguration, name: String, until deadline: Instant
    ) throws(StoreError) -> LibPQConnection {
        let address = configuration.address
        let settings = try settings(of: configuration, name: name, until: deadline)
        guard let raw = start(settings) else {
            throw StoreError(.unavailable, "libpq has no memory for a connection")
        }
        let connection = LibPQConnection(raw, address: address)
        connection.isUsable = false
        // A refusal is told apart by its code, which libpq shows in verbose messages only.
        PQsetErrorVerbosity(raw, PQERRORS_VERBOSE)
        PQsetNoticeProcessor(raw, { _, _ in }, nil)

        var wanted = Descriptors.output
        var status = PQstatus(raw) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while status != PGRES_POLLING_OK {
            guard status != PGRES_POLLING_FAILED else { throw connection.refusal() }
            let interests = [(descriptor: PQsocket(raw), events: wanted)]
            guard Descriptors.wait(interests, until: deadline) != nil else {
                throw StoreError(.unavailable, "PostgreSQL at \(address) did not accept the connection in time")
            }
            status = PQconnectPoll(raw)
            wanted = status == PGRES_POLLING_READING ? Descriptors.input : Descriptors.output
        }
        guard PQsetnonblocking(raw, 1) == 0, PQenterPipelineMode(raw) == 1 else {
            throw StoreError(.internalError, "libpq cannot enter pipeline mode on a new connection")
        }
        connection.isUsable = true
        return connection
    }

    private static func start(_ settings: [String: String]) -> OpaquePointer? {
        var keywords: [UnsafePointer<CChar>?] = []
        var values: [UnsafePointer<CChar>?] = []
        for (keyword, value) in settings {
            keywords.append(UnsafePointer(strdup(keyword)))
            values.append(UnsafePointer(strdup(value)))
        }
        defer {
            for text in keywords + values { free(UnsafeMutableRawPointer(mutating: text)) }
        }
        return PQconnectStartParams(keywords + [nil], values + [nil], 0)
    }

    /// The operator's settings, completed, with every name resolved.
    ///
    /// No `options`: a PgBouncer refuses them.
    private static func settings(
        of configuration: PostgresConfiguration, name: String, until deadline: Instant
    ) throws(StoreError) -> [String: String] {
        let milliseconds = Int64(configuration.callTimeout / .milliseconds(1))
        var settings = [
            "client_encoding": "UTF8", "fallback_application_name": name, "gssencmode": "disable",
            "keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "3", "keepalives_count": "3",
            "tcp_user_timeout": "\(milliseconds)",
        ]
        settings.merge(configuration.settings) { $1 }
        guard settings["hostaddr"] == nil, let list = settings["host"] else { return settings }

        let hosts = list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let ports = (settings["port"] ?? "5432").split(separator: ",", omittingEmptySubsequences: false)
            .map(String.init)
        guard hosts.contains(where: { !isSocket($0) }) else { return settings }
        guard ports.count == 1 || ports.count == hosts.count else {
            throw StoreError(.badInput, "the store URL names \(hosts.count) hosts and \(ports.count) ports")
        }
        var resolved: [(host: String, address: String, port: String)] = []
        for (index, host) in hosts.enumerated() {
            let port = ports.count == 1 ? ports[0] : ports[index]
            let addresses = isSocket(host) ? [""] : HostResolver.addresses(of: host, until: deadline)
            resolved += addresses.map { (host, $0, port) }
        }
        guard !resolved.isEmpty else {
            throw StoreError(.unavailable, "the host of the PostgreSQL store at \(configuration.address) is not known")
        }
        settings["host"] = resolved.map(\.host).joined(separator: ",")
        settings["hostaddr"] = resolved.map(\.address).joined(separator: ",")
        settings["port"] = resolved.map(\.port).joined(separator: ",")
        return settings
    }

    private static func isSocket(_ host: String) -> Bool {
        host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@")
    }

    private func refusal() -> StoreError {
        let message = String(cString: PQerrorMessage(connection))
        if let state = SQLState(inVerbose: message) { return state.error(at: address) }
        if PQconnectionNeedsPassword(connection) == 1 {
            return StoreError(.denied, "PostgreSQL at \(address) asks for a password; set the store's password")
        }
        // Said by this side before anything of a player was sent: a refused socket, a bad certificate.
        let reason = message.split(separator: "\n").first.map(String.init) ?? "no reason given"
        return StoreError(.unavailable, "cannot connect to PostgreSQL at \(address): \(reason)")
    }

    // MARK: - Idle

    /// Takes in what an idle server has said.
    ///
    /// Ends ``isUsable`` when the connection is gone.
    func takeNotice() {
        if PQconsumeInput(connection) == 0 || PQstatus(connection) == CONNECTION_BAD { isUsable = false }
    }

    // MARK: - Batches

    /// Sends the statements as one pipeline and returns one result for each.
    ///
    /// - Throws: ``StoreError``; `outcomeUnknown` exactly when the COMMIT may have reached the server and its answer
    ///   did not arrive.
    func perform(_ batch: Batch, until deadline: Instant) throws(StoreError) -> [QueryResult] {
        let isTransaction = batch.kind == .transaction
        let body = isTransaction ? [Statement(SQL.begin)] + batch.statements : batch.statements
        for statement in body { try send(statement, orThrow: .unavailable) }
        if isTransaction {
            // Everything else leaves first: as long as it has not, the outcome of a failure is certain.
            try flush(until: deadline, orThrow: .unavailable)
            try send(Statement(SQL.commit), orThrow: .outcomeUnknown)
        }
        let doubt: StoreError.Code = isTransaction ? .outcomeUnknown : .unavailable
        guard PQpipelineSync(connection) == 1 else { throw lost(doubt) }
        try flush(until: deadline, orThrow: doubt)

        let answer = try answers(until: deadline, orThrow: doubt)
        if let failure = answer.failure {
            let error = self.error(failure, commit: isTransaction ? body.count : nil)
            leaveTransaction(until: deadline)
            throw error
        }
        guard isTransaction else { return answer.results }
        guard answer.results.count == body.count + 1, answer.results.last?.command == "COMMIT" else {
            isUsable = false
            throw StoreError(.outcomeUnknown, "PostgreSQL at \(address) did not confirm the commit")
        }
        return Array(answer.results.dropFirst().dropLast())
    }

    private func send(_ statement: Statement, orThrow code: StoreError.Code) throws(StoreError) {
        let parameters = statement.parameters
        let sent = parameters.bytes.withUnsafeBytes { buffer in
            // An empty value needs an address as well: a null pointer would be NULL.
            let base = buffer.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
            let values = parameters.slots.map { slot in
                slot.map { base.advanced(by: $0.lowerBound).assumingMemoryBound(to: CChar.self) }
            }
            let lengths = parameters.slots.map { Int32($0?.count ?? 0) }
            let formats = [Int32](repeating: 1, count: values.count)
            return PQsendQueryParams(
                connection, statement.sql, Int32(values.count), nil, values, lengths, formats, 1)
        }
        guard sent == 1 else { throw lost(code) }
    }

    private func flush(until deadline: Instant, orThrow code: StoreError.Code) throws(StoreError) {
        while true {
            let state = PQflush(connection)
            if state == 0 { return }
            guard state == 1 else { throw lost(code) }
            let interests = [(descriptor: socket, events: Descriptors.input | Descriptors.output)]
            guard let ready = Descriptors.wait(interests, until: deadline) else { throw late(code) }
            // The server may be blocked on its answers; both sides would wait for ever.
            if ready[0] & ~Descriptors.output != 0, PQconsumeInput(connection) == 0 { throw lost(code) }
        }
    }

    private struct Failure {
        var index: Int
        var state: SQLState
    }

    private struct Answers {
        var results: [QueryResult] = []
        var failure: Failure?
    }

    /// Reads up to the end of the pipeline.
    private func answers(until deadline: Instant, orThrow code: StoreError.Code) throws(StoreError) -> Answers {
        var answers = Answers()
        var index = 0
        var hasResult = false
        while true {
            while PQisBusy(connection) == 1 {
                let interests = [(descriptor: socket, events: Descriptors.input)]
                let isReady = Descriptors.wait(interests, until: deadline) != nil
                guard isReady, PQconsumeInput(connection) == 1 else {
                    // A fatal error that came first says more than the end of the stream.
                    if answers.failure != nil {
                        isUsable = false
                        return answers
                    }
                    throw isReady ? lost(code) : late(code)
                }
            }
            guard let result = PQgetResult(connection) else {
                if PQstatus(connection) == CONNECTION_BAD {
                    if answers.failure == nil { throw lost(code) }
                    isUsable = false
                    return answers
                }
                // Each statement ends with one null.
                if hasResult { index += 1 }
                hasResult = false
                continue
            }
            hasResult = true
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                PQclear(result)
                return answers
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                answers.results.append(QueryResult(result))
            case PGRES_PIPELINE_ABORTED:
                PQclear(result)
            default:
                let field = PQresultErrorField(result, Self.sqlStateField)
                // Without a code it is libpq itself that speaks: the connection is gone.
                let state = SQLState(field.map { String(cString: $0) } ?? "08006")
                if answers.failure == nil { answers.failure = Failure(index: index, state: state) }
                PQclear(result)
            }
        }
    }

    /// `PG_DIAG_SQLSTATE`, which is a character macro.
    private static let sqlStateField = Int32(UInt8(ascii: "C"))

    private func error(_ failure: Failure, commit: Int?) -> StoreError {
        if failure.state.wantsNewConnection { isUsable = false }
        if let commit, failure.index >= commit || failure.state.isConnectionFailure {
            return StoreError(
                .outcomeUnknown, "PostgreSQL at \(address) failed during a commit (\(failure.state.code))")
        }
        return failure.state.error(at: address)
    }

    /// Ends a transaction that an error has aborted, and with it its locks.
    private func leaveTransaction(until deadline: Instant) {
        guard isUsable, PQtransactionStatus(connection) != PQTRANS_IDLE else { return }
        do {
            try send(Statement(SQL.rollback), orThrow: .unavailable)
            guard PQpipelineSync(connection) == 1 else { throw lost(.unavailable) }
            try flush(until: deadline, orThrow: .unavailable)
            _ = try answers(until: deadline, orThrow: .unavailable)
            isUsable = isUsable && PQtransactionStatus(connection) == PQTRANS_IDLE
        } catch {
            isUsable = false
        }
    }

    private func lost(_ code: StoreError.Code) -> StoreError {
        isUsable = false
        return StoreError(code, "the connection to PostgreSQL at \(address) was lost")
    }

    private func late(_ code: StoreError.Code) -> StoreError {
        isUsable = false
        return StoreError(code, "PostgreSQL at \(address) did not answer in time")
    }
}
