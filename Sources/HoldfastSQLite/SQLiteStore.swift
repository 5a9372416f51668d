import Foundation
import GRDB
import HoldfastStorage
import Logging
import Synchronization

/// A durable store in one SQLite file, shared by any number of processes of one machine.
///
/// Commits are in write-ahead mode with `synchronous=FULL`: what was acknowledged survives a power
/// loss. A group is one hop to a thread of its own and one immediate transaction; reads have a second
/// connection. While another process holds the file's lock, calls wait up to the busy timeout for those
/// before them, as long for the lock, and then fail as `unavailable`.
public final class SQLiteStore: DurableStore {
    private struct State {
        var isClosed = false
        /// Filled by the first use after ``migrate(_:)``.
        var deployment: (number: Int64, schema: Int)?
    }

    let busyTimeout: Duration
    /// The time for the dates of rows, in milliseconds since 1970; records, parts and history go by it.
    let now: @Sendable () -> Int64
    let name: String
    private let writer: DatabaseQueue
    private let reader: DatabaseQueue
    private let checkpointer: Checkpointer
    private let state = Mutex(State())

    /// Opens the file, and creates it empty with mode 0600 where there is none.
    ///
    /// Blocks while SQLite recovers a log that another process left behind.
    ///
    /// - Parameters:
    ///   - path: The file. Its folder must exist and be writable: two files are kept beside it.
    ///   - deployment: The deployment that it is opened for.
    ///   - busyTimeout: How long a call waits for another process.
    /// - Throws: ``StoreError``: `notFound` for a missing folder, `denied`, `diskFull`, `corrupt` when it is
    ///   no SQLite file, `unavailable`.
    public convenience init(
        path: String, deployment: String, busyTimeout: Duration = .seconds(5)
    ) throws(StoreError) {
        try self.init(path: path, deployment: deployment, busyTimeout: busyTimeout) { WallClock.milliseconds() }
    }

    /// Opens the file with a clock of the caller's.
    init(
        path: String, deployment: String, busyTimeout: Duration = .seconds(5), now: @escaping @Sendable () -> Int64
    ) throws(StoreError) {
        try DatabaseFile.create(at: path)
        let deadline = ContinuousClock.now + busyTimeout
        self.name = deployment
        self.now = now
        self.busyTimeout = busyTimeout
        self.writer = try Self.open(path, "holdfast.sqlite.writer", busyTimeout, until: deadline)
        self.reader = try Self.open(path, "holdfast.sqlite.reader", busyTimeout, until: deadline)
        self.checkpointer = Checkpointer(writer: writer, reader: reader)
    }

    /// Creates the tables in one exclusive transaction; several processes may do so at once.
    public func migrate(_ timings: DeploymentTimings) async throws(StoreError) -> Deployment {
        let name = name
        let found = try await transaction(.exclusive) { database in
            try Layout.install(in: database)
            try database.run(
                Statements.upsertDeployment,
                [
                    name, RandomID.random().data, timings.leaseMillis, timings.renewMillis, timings.beatMillis,
                    WallClock.milliseconds(),
                ]
            )
            return try Layout.deployment(name, in: database)
        }
        state.withLock { $0.deployment = (found.number, found.deployment.schema) }
        return found.deployment
    }

    /// See ``DurableStore/deployment()``.
    public func deployment() async throws(StoreError) -> Deployment {
        let name = name
        return try await read { database in
            try Layout.check(database, name)
            return try Layout.deployment(name, in: database).deployment
        }
    }

    /// Runs the group in one immediate transaction; durable once it returns.
    public func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
        try group.validate()
        let (deployment, schema) = try await place(for: group.neededLayout)
        let now = now()
        let keepsHistory = schema >= LayoutNeed.history.schema
        // Prepared before the hop, so that the writer's thread has little else to do than SQL.
        let requests = group.map { PreparedRequest($0, keepsHistory: keepsHistory, now: now) }
        let replies: [StoreReply] = try await perform(on: writer) { database in
            try Self.transact(.immediate, database) {
                var transaction = GroupTransaction(database, deployment: deployment, schema: schema, now: now)
                return try transaction.run(requests)
            }
        }
        // Each request touches about two pages besides its payload.
        checkpointer.committed(bytes: group.reduce(0) { $0 + $1.payloadBytes + 8_192 })
        return replies
    }

    /// Raises the fence in an immediate transaction of its own; durable.
    public func raiseFence(of id: RecordID, unlessAbove token: Int64?) async throws(StoreError) -> Int64? {
        let deployment = try await number()
        return try await transaction(.immediate) { database in
            try database.first(Statements.raiseFence, [token] + id.arguments(deployment) + [token]) { try $0.int64() }
        }
    }

    /// Reports kind `sqlite` and the version of the SQLite library.
    public func status() async throws(StoreError) -> StoreStatus {
        let name = name
        return try await read { database in
            let schema = try Layout.check(database, name)
            let version = try database.first(Statements.version) { try $0.text() } ?? ""
            return StoreStatus(kind: "sqlite", version: version, schema: schema)
        }
    }

    /// Waits for running calls, then closes both connections; repeating it does nothing.
    public func close() async {
        let closes = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard closes else { return }
        checkpointer.stop()
        for queue in [reader, writer] {
            await withCheckedContinuation { continuation in
                // Closing waits for the queue, so it must not run on a thread of the cooperative pool.
                DispatchQueue.global().async {
                    try? queue.close()
                    continuation.resume()
                }
            }
        }
    }

    // MARK: - Connections

    /// The most memory that a connection keeps pages in; it grows with use.
    private static let cacheKiB = 32_768

    private static func open(
        _ path: String, _ label: String, _ busyTimeout: Duration, until deadline: ContinuousClock.Instant
    ) throws(StoreError) -> DatabaseQueue {
        var configuration = Configuration()
        let clock = BusyClock(timeout: busyTimeout)
        configuration.label = label
        configuration.busyMode = .callback { clock.wait(tries: $0) }
        configuration.foreignKeysEnabled = false
        // `transact` ends what it begins; a rollback that fails must not become a trap.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw StoreError(.denied, "\(path): this file system or file does not allow write-ahead mode")
            }
            try database.execute(sql: "PRAGMA synchronous = FULL")
            // Where fsync leaves data in the drive's cache, as on macOS; no effect elsewhere.
            try database.execute(sql: "PRAGMA fullfsync = ON")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(Checkpointer.backstopPages)")
            // A save rewrites the pages of its row; with SQLite's default of 2 MB they are read again each time.
            try database.execute(sql: "PRAGMA cache_size = -\(cacheKiB)")
            try database.execute(sql: "PRAGMA journal_size_limit = \(Checkpointer.backstopPages * 4_096)")
        }
        while true {
            do {
                return try DatabaseQueue(path: path, configuration: configuration)
            } catch {
                // The switch to write-ahead mode answers BUSY at once where waiting could dead-lock.
                let error = StoreError(sqlite: error, "opening \(path)")
                guard error.code == .unavailable, ContinuousClock.now < deadline else { throw error }
                Thread.sleep(forTimeInterval: 0.005)
            }
        }
    }

    /// One more connection to the same file, for a transaction that spans several calls.
    func ownConnection(_ label: String) throws(StoreError) -> BackupConnection {
        guard !state.withLock({ $0.isClosed }) else { throw StoreError(.closed, "the store was closed") }
        return BackupConnection(
            queue: try Self.open(writer.path, label, busyTimeout, until: .now + busyTimeout))
    }

    /// How long a call waits for earlier ones at least, however short the busy timeout is.
    private static let shortestWait = Duration.seconds(1)

    /// Runs `body` on a connection's own thread, in one hop.
    private func perform<Value: Sendable>(
        on queue: DatabaseQueue, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let deadline = ContinuousClock.now + max(busyTimeout, Self.shortestWait)
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { database in
                do {
                    // Looked at on the connection's own queue, where it cannot be closed meanwhile.
                    guard !self.state.withLock({ $0.isClosed }) else {
                        throw StoreError(.closed, "the store was closed")
                    }
                    // Each call before this one may have waited as long for another process.
                    guard ContinuousClock.now < deadline else {
                        throw StoreError(.unavailable, "earlier calls kept the store busy until the deadline")
                    }
                    continuation.resume(returning: .success(try body(database)))
                } catch {
                    continuation.resume(returning: .failure(StoreError(sqlite: error, "SQLite refused")))
                }
            }
        }
        return try result.get()
    }

    /// Reads a consistent state on the readers' connection.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        try await perform(on: reader) { database in
            try Self.transact(.deferred, database) { try body(database) }
        }
    }

    func transaction<Value: Sendable>(
        _ kind: Database.TransactionKind, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        try await perform(on: writer) { database in
            try Self.transact(kind, database) { try body(database) }
        }
    }

    /// Begins, runs and commits; everything but a failed COMMIT of a write leaves the file as it was.
    private static func transact<Value>(
        _ kind: Database.TransactionKind, _ database: Database, _ body: () throws -> Value
    ) throws -> Value {
        if database.isInsideTransaction { try database.rollback() }
        try database.beginTransaction(kind)
        let value: Value
        do {
            // Looked at under the lock, which may have taken seconds to get.
            try DatabaseFile.checkPlace(of: database)
            value = try body()
        } catch {
            try? database.rollback()
            throw error
        }
        do {
            try database.commit()
        } catch {
            try? database.rollback()
            if kind == .deferred { throw error }
            throw StoreError(failedCommit: error)
        }
        return value
    }

    /// The deployment's number; refuses what the store's layout does not have yet.
    func number(for layout: LayoutNeed = .records) async throws(StoreError) -> Int64 {
        try await place(for: layout).number
    }

    /// The deployment's number and the layout that it lives in; refuses what that one does not have yet.
    ///
    /// Read once; an older layout than this build's each time, since another process may migrate it meanwhile.
    func place(for layout: LayoutNeed = .records) async throws(StoreError) -> (number: Int64, schema: Int) {
        if let known = state.withLock({ $0.deployment }), known.schema >= Statements.schema { return known }
        let name = name
        let found = try await read { database in
            let schema = try Layout.check(database, name)
            return (number: try Layout.deployment(name, in: database).number, schema: schema)
        }
        state.withLock { $0.deployment = found }
        try layout.check(found.schema)
        return found
    }

    /// The first key after all that start with `prefix`.
    ///
    /// 0xFF never occurs in UTF-8, so it stands behind every key.
    static func end(of prefix: [UInt8]) -> [UInt8] {
        var end = prefix
        while let last = end.popLast() {
            if last < 0xFF { return end + [last + 1] }
        }
        return [0xFF]
    }
}
