/// The durable side of a deployment: what was acknowledged here is never lost.
///
/// Every backend passes one conformance suite. Rules that hold for all of them:
/// - A fence never goes down, and a write of data always raises the version and sets a new save id.
/// - ``execute(_:)`` runs a group in one transaction. An error fails the whole group: `unavailable`
///   and `deadline` when nothing was changed, `outcomeUnknown` when the commit's answer was lost.
/// - Keys, ids and types are compared as bytes.
/// - Every call ends within its backend's own deadline.
public protocol DurableStore: Sendable {
    /// Creates or upgrades the layout, registers the deployment and stores its timings. Safe to repeat.
    ///
    /// - Throws: ``StoreError``; `newerSchema` when the layout is newer than this build can read.
    func migrate(_ deployment: DeploymentTimings) async throws(StoreError) -> Deployment

    /// Reads the deployment this store was opened for.
    ///
    /// - Throws: ``StoreError``; `wrongDeployment` when it was never migrated, `newerSchema`.
    func deployment() async throws(StoreError) -> Deployment

    /// Executes a group in one transaction and answers in the order of the requests. Durable.
    func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply]

    /// Reads one row without taking it; nil when missing. A row at version 0 and a tombstone are returned.
    func read(_ id: RecordID) async throws(StoreError) -> Record?

    /// Lists saved records of a collection in key order, `after` exclusive, at most `limit` (1 to 1,000).
    func list(
        _ collection: CollectionName, startingWith prefix: [UInt8], after: Key?, limit: Int
    ) async throws(StoreError) -> [RecordSummary]

    /// Names every collection that holds a saved record, with its number of records.
    func collections() async throws(StoreError) -> [(name: CollectionName, records: Int)]

    /// Pending operations of many records at once, in order of delivery within each record,
    /// at most ``pendingLimit`` a record and 1,000 records a call.
    func pendingOperations(of records: [RecordID]) async throws(StoreError) -> [OperationRecord]

    /// Operations of one record in order of delivery, receipts included, at most `limit`.
    func operations(
        of record: RecordID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord]

    /// One operation or its receipt; nil when it was never delivered to this record.
    func operation(_ id: OperationID, of record: RecordID) async throws(StoreError) -> OperationRecord?

    /// Raises the fence to one above `token` and clears the owner, so that whoever holds the record under this token
    /// or an older one can save no more; without a token, to one above the fence that stands.
    /// Returns the new fence, or nil when there is no such row or its fence is above `token` already.
    func raiseFence(of id: RecordID, unlessAbove token: Int64?) async throws(StoreError) -> Int64?

    /// Entries of a log in order, `after` exclusive, at most `limit` (1 to 1,000); nil when there is no such log.
    func entries(of log: SpaceName, after sequence: Int64, limit: Int) async throws(StoreError) -> LogPage?

    /// Lists logs whose names start with `prefix` in order of name, `after` exclusive, at most `limit` (1 to 1,000).
    func logs(startingWith prefix: [UInt8], after: SpaceName?, limit: Int) async throws(StoreError) -> [SpaceSummary]

    /// Members of a score table in order of their last change, `after` exclusive, removed ones included, at most
    /// `limit` (1 to 1,000); nil when there is no such table.
    func scores(of table: SpaceName, changedAfter change: Int64, limit: Int) async throws(StoreError) -> ScorePage?

    /// Named members of a score table in the order asked for, at most 1,000; nil for one that is not there or was
    /// removed.
    func scores(of table: SpaceName, members: [Key]) async throws(StoreError) -> [ScoreRow?]

    /// Lists score tables whose names start with `prefix`, as ``logs(startingWith:after:limit:)`` does.
    func scoreTables(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary]

    /// Removes a log with all its entries, or a score table with all its members; safe to repeat.
    func dropSpace(_ name: SpaceName) async throws(StoreError)

    /// One definition; nil when there is none.
    func definition(_ name: SpaceName) async throws(StoreError) -> Definition?

    /// Lists definitions as ``logs(startingWith:after:limit:)`` does.
    func definitions(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [Definition]

    /// Writes a definition where `version` stands (0 = none); a nil value removes it. After `outcomeUnknown` a
    /// repeated call finds its own write as a conflict. Versions go on counting over removals.
    func putDefinition(
        _ name: SpaceName, value: [UInt8]?, ifVersion version: Int64
    ) async throws(StoreError) -> DefinitionOutcome

    /// Does a part of what every restore of the store must be followed by, durably, in one transaction.
    ///
    /// Raises the fence of every record by one and clears its owner, so that whoever held it before can save no more;
    /// then gives every log and score table a new generation, since the numbers handed out after the backup will be
    /// handed out again. Call it from ``RestorePosition/start`` until ``RestoreStep/next`` is nil; safe to repeat.
    func settleRestore(from position: RestorePosition) async throws(StoreError) -> RestoreStep

    /// Asks for the shortest round trip and describes the store.
    func status() async throws(StoreError) -> StoreStatus

    /// Ends connections; later calls throw `closed`.
    func close() async
}

extension DurableStore {
    /// Raises the fence by one, whoever holds the record, and clears the owner; nil when there is no such row.
    public func raiseFence(of id: RecordID) async throws(StoreError) -> Int64? {
        try await raiseFence(of: id, unlessAbove: nil)
    }

    /// The most pending operations a record may have: 1,000.
    public static var pendingLimit: Int { DurableStoreLimits.pending }
}

/// Limits shared by all backends.
public enum DurableStoreLimits {
    /// The most pending operations of one record.
    public static let pending = 1_000
    /// The largest canonical document: 4 MiB.
    public static let documentBytes = 4_194_304
    /// The most requests a store must take in one group.
    public static let group = 256
}

/// The timings that every server of a deployment must share, in milliseconds.
public struct DeploymentTimings: Sendable, Equatable {
    /// How long a lease lives after its last renewal; 30,000 by default.
    public var leaseMillis: Int64
    /// How often a server renews its leases; 10,000 by default.
    public var renewMillis: Int64
    /// How often a server beats; 1,000 by default.
    public var beatMillis: Int64

    /// Joins the three times, in milliseconds; a coordinator checks how they relate.
    public init(leaseMillis: Int64 = 30_000, renewMillis: Int64 = 10_000, beatMillis: Int64 = 1_000) {
        self.leaseMillis = leaseMillis
        self.renewMillis = renewMillis
        self.beatMillis = beatMillis
    }
}

/// One deployment as the store knows it.
public struct Deployment: Sendable, Equatable {
    /// The operator's name for it; several deployments may share one store.
    public var name: String
    /// Drawn once by ``DurableStore/migrate(_:)``; Redis must carry the same.
    public var id: RandomID
    /// What the last ``DurableStore/migrate(_:)`` stored.
    public var timings: DeploymentTimings
    /// The layout's version and the oldest build that may read it.
    public var schema: Int
    /// The oldest layout version that a build must know to use this store.
    public var minimumReader: Int

    /// Joins the values as a store read them; checks nothing.
    public init(name: String, id: RandomID, timings: DeploymentTimings, schema: Int, minimumReader: Int) {
        self.name = name
        self.id = id
        self.timings = timings
        self.schema = schema
        self.minimumReader = minimumReader
    }
}

/// What a store says of itself.
public struct StoreStatus: Sendable, Equatable {
    /// `sqlite`, `postgres` or `memory`.
    public var kind: String
    /// The version of the database software, in its own words.
    public var version: String
    /// The version of the layout, counted by migrations from 1.
    public var schema: Int

    /// Joins the three values; checks nothing.
    public init(kind: String, version: String, schema: Int) {
        self.kind = kind
        self.version = version
        self.schema = schema
    }
}
