public import HoldfastStorage
public import Logging
internal import Synchronization

/// A durable store in a PostgreSQL database (15 or newer), shared by many machines.
///
/// Each process holds at most two connections, one for groups and one for reads, and one more while it upgrades the
/// layout, makes a backup or restores one, each owned by a thread that waits with a deadline. So a hung network never
/// holds a caller longer than ``PostgresConfiguration/callTimeout``; an upgrade ten minutes, a step of a backup or a
/// restore an hour. Connections are made when first needed and made again after a loss.
/// No state of a session is used: it works through a PgBouncer in transaction mode. A cancelled caller still waits for
/// its answer.
public final class PostgresStore: DurableStore {
    /// The layout that this build writes, and the newest that it may read without a newer `minimum_reader`.
    static let schema: Int64 = 3

    let name: String
    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let groups: ConnectionLane
    private let reads: ConnectionLane
    /// The deployment's number and the layout that it lives in, once read.
    let known = Mutex<(number: Int64, schema: Int)?>(nil)

    /// Opens a store by its URL; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - url: `postgres://user@host:port/database?host=/socket/dir&sslmode=…`.
    ///   - password: Wins over a password in the URL.
    ///   - deployment: The name of the deployment.
    ///   - logger: Receives connection losses; never data.
    /// - Throws: ``StoreError`` with code `badInput` for a URL or name that cannot be used.
    public convenience init(
        url: String, password: String? = nil, deployment: String, logger: Logger
    ) throws(StoreError) {
        try self.init(PostgresConfiguration(url: url, password: password), deployment: deployment, logger: logger)
    }

    /// Opens a store; nothing is connected yet.
    ///
    /// - Throws: ``StoreError`` with code `badInput` for a deployment name that cannot be used.
    public init(_ configuration: PostgresConfiguration, deployment: String, logger: Logger) throws(StoreError) {
        guard (1...200).contains(deployment.utf8.count), !deployment.utf8.contains(0) else {
            throw StoreError(.badInput, "a deployment's name has 1 to 200 bytes and no NUL")
        }
        self.name = deployment
        self.configuration = configuration
        self.logger = logger
        self.groups = ConnectionLane(configuration, name: "holdfast groups", logger: logger)
        self.reads = ConnectionLane(configuration, name: "holdfast reads", logger: logger)
    }

    deinit {
        groups.stop()
        reads.stop()
    }

    /// How long a call may take.
    var callTimeout: Duration { configuration.callTimeout }

    /// Ends both connections once what they carry is answered; later calls throw `closed`.
    public func close() async {
        await groups.close()
        await reads.close()
    }

    // MARK: - Writes

    /// Executes a group in one transaction that goes out as one pipeline.
    ///
    /// Durable. Saves that are the first ones of an hour to their records follow in a second transaction, with the
    /// history that they make: should it fail, all that is known of the group is that its outcome is unknown.
    public func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
        try group.validate()
        guard !group.isEmpty else { return [] }
        let deployment = try await knownDeployment(for: group.neededLayout)
        let transaction = GroupTransaction(group, deployment: deployment.number, layout: deployment.schema)
        var replies = try transaction.replies(try await transact(transaction.statements))
        let left = replies.indices.filter { replies[$0] == nil }
        if !left.isEmpty {
            do throws(StoreError) {
                let keeping = GroupTransaction(
                    left.map { group[$0] }, deployment: deployment.number, layout: deployment.schema, keepsHistory: true
                )
                for (index, reply) in zip(left, try keeping.replies(try await transact(keeping.statements))) {
                    replies[index] = reply
                }
            } catch {
                guard left.count < group.count, !error.isAmbiguous else { throw error }
                throw StoreError(.outcomeUnknown, "the group's second part failed: \(error.message)", underlying: error)
            }
        }
        let complete = replies.compactMap(\.self)
        guard complete.count == group.count else {
            throw StoreError(.internalError, "a member of a group has no reply")
        }
        return complete
    }

    /// Raises the fence of a record and clears its owner.
    ///
    /// Durable.
    public func raiseFence(of id: RecordID, unlessAbove token: Int64?) async throws(StoreError) -> Int64? {
        let parameters = try await scoped { parameters in
            parameters.add(id)
            parameters.add(token)
        }
        return try await transact([Statement(SQL.raiseFence, parameters)]).first?.first?.integer(0)
    }

    // MARK: - Reads

    /// Reads one row without a lock.
    public func read(_ id: RecordID) async throws(StoreError) -> Record? {
        let parameters = try await scoped { $0.add(id) }
        guard let row = try await query(SQL.read, parameters).first, let state = try row.state(at: 0) else {
            return nil
        }
        return Record(
            id: id, version: state.version, fence: state.fence, owner: state.owner, saveID: state.saveID,
            content: try row.content(at: 6), createdAtMillis: try row.integer(12),
            updatedAtMillis: try row.integer(13))
    }

    /// Lists saved records by a range of the primary key.
    public func list(
        _ collection: CollectionName, startingWith prefix: [UInt8], after: Key?, limit: Int
    ) async throws(StoreError) -> [RecordSummary] {
        try DurableStoreLimits.checkPage(limit)
        let parameters = try await scoped { parameters in
            parameters.add(collection.description)
            parameters.add(prefix)
            parameters.add(Self.end(of: prefix))
            parameters.add(after?.bytes ?? [])
            parameters.add(Int64(limit))
        }
        var page: [RecordSummary] = []
        for row in try await query(SQL.list, parameters).rows {
            page.append(
                RecordSummary(
                    key: try Key(bytes: try row.bytes(0)), version: try row.integer(1),
                    schema: Int(try row.integer(2)), storedBytes: Int(try row.integer(3)),
                    documentBytes: Int(try row.integer(4)), updatedAtMillis: try row.integer(5)))
        }
        return page
    }

    /// The first key after all that begin with `prefix`; nil when there is none.
    static func end(of prefix: [UInt8]) -> [UInt8]? {
        guard let last = prefix.lastIndex(where: { $0 < 0xFF }) else { return nil }
        return prefix[..<last] + [prefix[last] + 1]
    }

    /// Counts the saved records of every collection; reads the whole index of the deployment.
    public func collections() async throws(StoreError) -> [(name: CollectionName, records: Int)] {
        var list: [(name: CollectionName, records: Int)] = []
        for row in try await query(SQL.collections, try await scoped { _ in }).rows {
            list.append((name: try CollectionName(try row.text(0)), records: Int(try row.integer(1))))
        }
        return list
    }

    /// Reads the rows of all four tables that belong to the collection, but no payloads.
    public func totals(of collection: CollectionName) async throws(StoreError) -> CollectionTotals {
        let parameters = try await scoped(for: .history) { $0.add(collection.description) }
        guard let row = try await query(SQL.totals, parameters).first else { return CollectionTotals() }
        func number(_ column: Int32) throws(StoreError) -> Int { Int(try row.integer(column)) }
        return CollectionTotals(
            records: try number(0), documentBytes: try number(1), storedBytes: try number(2),
            largestDocumentBytes: try number(3), parts: try number(4), partBytes: try number(5),
            versions: try number(6), versionBytes: try number(7), pendingOperations: try number(8))
    }

    // MARK: - Lanes

    /// The deployment's number and layout; refuses what the layout does not have yet.
    ///
    /// Read once, but before every call while the layout is an older one: whoever migrates it goes on at once with what
    /// only the new one can tell.
    func knownDeployment(
        for layout: LayoutNeed = .records
    ) async throws(StoreError) -> (number: Int64, schema: Int) {
        if let known = known.withLock({ $0 }), known.schema >= Self.schema { return known }
        _ = try await deployment()
        guard let known = known.withLock({ $0 }) else { throw StoreError.neverMigrated(name) }
        try layout.check(known.schema)
        return known
    }

    /// One more connection, for a transaction that spans several calls.
    func ownLane(_ name: String) -> BackupLane {
        BackupLane(lane: ConnectionLane(configuration, name: name, logger: logger))
    }

    /// Parameters that begin with the deployment.
    func scoped(
        for layout: LayoutNeed = .records, _ add: (inout Parameters) -> Void
    ) async throws(StoreError) -> Parameters {
        var parameters = Parameters()
        parameters.add(try await knownDeployment(for: layout).number)
        add(&parameters)
        return parameters
    }

    func query(_ sql: String, _ parameters: Parameters) async throws(StoreError) -> QueryResult {
        let results = try await reads.run(
            Batch(kind: .read, statements: [Statement(sql, parameters)]), within: callTimeout)
        guard let result = results.first else { throw StoreError(.internalError, "a query had no result") }
        return result
    }

    /// The server gives up before this side does, so that a lock is not held for nobody.
    ///
    /// - Parameters:
    ///   - timeout: Longer than a call's for what may take its time.
    ///   - lane: Another connection than that of groups.
    func transact(
        _ statements: [Statement], within timeout: Duration? = nil, on lane: ConnectionLane? = nil
    ) async throws(StoreError) -> [QueryResult] {
        let timeout = max(timeout ?? .zero, configuration.callTimeout)
        let milliseconds = Int64(timeout / .milliseconds(1))
        var timeouts = Parameters()
        for share in [milliseconds / 2, milliseconds * 4 / 5, milliseconds] { timeouts.add("\(max(share, 1))ms") }
        let settings = Statement(SQL.settings, timeouts)
        let results = try await (lane ?? groups).run(
            Batch(kind: .transaction, statements: [settings] + statements), within: timeout)
        return Array(results.dropFirst())
    }
}
