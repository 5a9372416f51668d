/// The durable side of a deployment: what was acknowledged here is never lost.
///
/// Every backend passes one conformance suite. Rules that hold for all of them:
/// - A fence never goes down, and a write of data always raises the version and sets a new save id.
/// - ``execute(_:)`` runs a group in one transaction. An error fails the whole group: `unavailable`
///   and `deadline` when nothing was changed, `outcomeUnknown` when the commit's answer was lost.
/// - Keys, ids and types are compared as bytes.
/// - Every call ends within its backend's own deadline.
public protocol DurableStore: OperationStore {
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

    /// Adds up what a collection holds, its history and its pending operations included; looks at every row of it.
    func totals(of collection: CollectionName) async throws(StoreError) -> CollectionTotals

    // MARK: Parts

    /// Parts of a record whose names start with `prefix` in order of name, `after` exclusive, at most `limit`
    /// (1 to 1,000). Their payloads are not checked, and a page holds all of them: up to 1 MiB a part.
    func parts(
        of id: RecordID, startingWith prefix: [UInt8], after: PartName?, limit: Int
    ) async throws(StoreError) -> [Part]

    /// Named parts of a record in the order asked for, at most 1,000; nil for one that is not there.
    func parts(of id: RecordID, names: [PartName]) async throws(StoreError) -> [Part?]

    /// How many parts a record has, and their payloads' bytes together; looks at each of them.
    func partSummary(of id: RecordID) async throws(StoreError) -> (count: Int, bytes: Int)

    // MARK: History

    /// Kept versions of a record, newest first, those below `version` where one is given, at most `limit`
    /// (1 to 1,000).
    func history(
        of id: RecordID, before version: Int64?, limit: Int
    ) async throws(StoreError) -> [HistoryEntry]

    /// The content of a kept version, or of the record itself where it has this version; nil when neither holds it.
    func historyContent(of id: RecordID, version: Int64) async throws(StoreError) -> Content?

    /// Copies a record's content as it stands into its history, durably and whoever owns the record; returns its
    /// version, or nil when the record has no content. A version that is kept already stays as it was kept.
    ///
    /// `reason` has 1 to ``KeepRule/maximumReasonBytes`` bytes.
    func keepCurrent(of id: RecordID, reason: String) async throws(StoreError) -> Int64?

    /// Removes kept versions whose ``HistoryEntry/replacedAtMillis`` lies before that time, at most `limit`
    /// (1 to 1,000), durably; returns how many went. Those kept for a reason are no exception.
    func pruneHistory(replacedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int

    // MARK: People

    /// Records whose content names a person in ``Content/userIDs``, in order of collection and key, `after`
    /// exclusive, at most `limit` (1 to 1,000). Ids are compared as bytes.
    func records(
        ofUser userID: String, after: RecordID?, limit: Int
    ) async throws(StoreError) -> [RecordID]

    /// Removes everything a record holds, durably and whoever owns it; false when there was nothing.
    ///
    /// Content, history and parts go, and so do the payloads and errors of all its operations; those that were
    /// pending are cancelled. What stays is a tombstone (fence + 1, no owner, version + 1 where there was content) and
    /// the ids and types of operations, without which one could take effect twice; so they should name nobody. Scores,
    /// logs and copies in Redis are not touched. Safe to repeat.
    func erase(_ id: RecordID) async throws(StoreError) -> Bool

    /// Removes kept versions that name a person, durably, at most `limit` (1 to 1,000); returns how many went.
    ///
    /// For versions of records that name the person no longer, those that were deleted among them. No index helps: it
    /// looks at every kept version of the deployment.
    func eraseHistory(ofUser userID: String, limit: Int) async throws(StoreError) -> Int

    /// Remembers durably that a person's data was erased, at the last time that it is called.
    ///
    /// A backup made before does not hold it: whoever restores one reads ``erasures(after:limit:)`` first, or keeps
    /// them elsewhere as well, and then finds the records by ``records(ofUser:after:limit:)`` and erases them again.
    func rememberErasure(ofUser userID: String) async throws(StoreError)

    /// Whose erasure is remembered, in order of the user ids' bytes, `after` exclusive, at most `limit` (1 to 1,000).
    func erasures(after userID: String?, limit: Int) async throws(StoreError) -> [Erasure]

    // MARK: Decisions

    /// The verdict that stands on a trade; nil while it is undecided. Decides nothing.
    func verdict(of trade: RandomID) async throws(StoreError) -> Decision.Verdict?

    // MARK: Fences

    /// Raises the fence to one above `token` and clears the owner, so that whoever holds the record under this token
    /// or an older one can save no more; without a token, to one above the fence that stands.
    /// Returns the new fence, or nil when there is no such row or its fence is above `token` already.
    func raiseFence(of id: RecordID, unlessAbove token: Int64?) async throws(StoreError) -> Int64?

    // MARK: Logs, score tables and definitions

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

    // MARK: The deployment

    /// Does a part of what every restore of the store must be followed by, durably, in one transaction.
    ///
    /// First gives the deployment a new generation, as ``bumpGeneration()`` does; raises the fence of every record by
    /// one and clears its owner, so that whoever held it before can save no more; then gives every log and score table
    /// a new generation, since the numbers handed out after the backup will be handed out again. Call it from
    /// ``RestorePosition/start`` until ``RestoreStep/next`` is nil; safe to repeat. Erasing again whom
    /// ``erasures(after:limit:)`` names is left to the caller.
    func settleRestore(from position: RestorePosition) async throws(StoreError) -> RestoreStep

    /// Gives the deployment a new generation and returns it, durably: every commit that names an older one is refused
    /// as ``CommitOutcome/storeRestored`` from then on. Repeating it raises the generation once more.
    ///
    /// For a database that was brought back by its own means; ``settleRestore(from:)`` does it by itself.
    func bumpGeneration() async throws(StoreError) -> Int64

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
