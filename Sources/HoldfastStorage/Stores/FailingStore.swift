import Synchronization

/// A store that fails on demand, for tests of everything above it.
///
/// A closure decides for every call; it may also await, which delays the call. A fault `before` leaves
/// the wrapped store untouched; a fault `after` lets the call take effect and loses its answer.
public final class FailingStore: DurableStore {
    /// One call to the store.
    public struct Call: Sendable {
        /// Counts calls of every kind, from 1.
        public let number: Int
        /// What was called; for a group with its requests.
        public let kind: Kind

        /// What was called.
        public enum Kind: Sendable {
            case migrate, deployment, read, list, collections, operations, raiseFence, status
            case entries, logs, scores, scoreTables, dropSpace, definitions, putDefinition, settleRestore
            case parts, history, keepCurrent, pruneHistory, recordsOfUser, erase, rememberErasure, erasures
            case bumpGeneration
            case totals, eraseHistory
            case cancelOperation, requeueOperation, expireOperations, shortenReceipts
            case execute([StoreRequest])
        }

        /// Whether it is a group that the store executes.
        public var isGroup: Bool {
            if case .execute = kind { true } else { false }
        }
    }

    /// What to do with a call.
    public enum Fault: Sendable {
        case none
        /// Throws before anything is done; `unavailable` unless told otherwise.
        case before(StoreError = StoreError(.unavailable, "injected before the write"))
        /// Does it, then throws; `outcomeUnknown` unless told otherwise.
        case after(StoreError = StoreError(.outcomeUnknown, "injected after the write"))
    }

    private let store: any DurableStore
    private let decide: @Sendable (Call) async -> Fault
    private let calls = Mutex(0)

    /// Wraps a store.
    ///
    /// - Parameters:
    ///   - store: The store that does the work.
    ///   - decide: Asked before every call; awaiting in it delays the call.
    public init(_ store: any DurableStore, decide: @escaping @Sendable (Call) async -> Fault) {
        self.store = store
        self.decide = decide
    }

    /// How many calls there were so far.
    public var callCount: Int { calls.withLock { $0 } }

    /// Migrates the wrapped store, unless a fault is injected.
    public func migrate(_ timings: DeploymentTimings) async throws(StoreError) -> Deployment {
        try await run(.migrate) { store async throws(StoreError) in try await store.migrate(timings) }
    }

    /// Reads the wrapped store's deployment, unless a fault is injected.
    public func deployment() async throws(StoreError) -> Deployment {
        try await run(.deployment) { store async throws(StoreError) in try await store.deployment() }
    }

    /// Runs the group in the wrapped store; a fault after it loses the answers of all members.
    public func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
        try await run(.execute(group)) { store async throws(StoreError) in try await store.execute(group) }
    }

    /// Reads from the wrapped store, unless a fault is injected.
    public func read(_ id: RecordID) async throws(StoreError) -> Record? {
        try await run(.read) { store async throws(StoreError) in try await store.read(id) }
    }

    /// Lists the wrapped store's records, unless a fault is injected.
    public func list(
        _ collection: CollectionName, startingWith prefix: [UInt8], after: Key?, limit: Int
    ) async throws(StoreError) -> [RecordSummary] {
        try await run(.list) { store async throws(StoreError) in
            try await store.list(collection, startingWith: prefix, after: after, limit: limit)
        }
    }

    /// Names the wrapped store's collections, unless a fault is injected.
    public func collections() async throws(StoreError) -> [(name: CollectionName, records: Int)] {
        try await run(.collections) { store async throws(StoreError) in try await store.collections() }
    }

    /// Raises the fence in the wrapped store; a fault after it loses the new fence.
    public func raiseFence(of id: RecordID, unlessAbove token: Int64?) async throws(StoreError) -> Int64? {
        try await run(.raiseFence) { store async throws(StoreError) in
            try await store.raiseFence(of: id, unlessAbove: token)
        }
    }

    /// Reads from the wrapped store, unless a fault is injected.
    public func entries(of log: SpaceName, after sequence: Int64, limit: Int) async throws(StoreError) -> LogPage? {
        try await run(.entries) { store async throws(StoreError) in
            try await store.entries(of: log, after: sequence, limit: limit)
        }
    }

    /// Lists the wrapped store's logs, unless a fault is injected.
    public func logs(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try await run(.logs) { store async throws(StoreError) in
            try await store.logs(startingWith: prefix, after: after, limit: limit)
        }
    }

    /// Reads from the wrapped store; a call of kind `scores`.
    public func scores(
        of table: SpaceName, changedAfter change: Int64, limit: Int
    ) async throws(StoreError) -> ScorePage? {
        try await run(.scores) { store async throws(StoreError) in
            try await store.scores(of: table, changedAfter: change, limit: limit)
        }
    }

    /// Reads from the wrapped store; a call of kind `scores`.
    public func scores(of table: SpaceName, members: [Key]) async throws(StoreError) -> [ScoreRow?] {
        try await run(.scores) { store async throws(StoreError) in
            try await store.scores(of: table, members: members)
        }
    }

    /// Lists the wrapped store's score tables, unless a fault is injected.
    public func scoreTables(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try await run(.scoreTables) { store async throws(StoreError) in
            try await store.scoreTables(startingWith: prefix, after: after, limit: limit)
        }
    }

    /// Drops a space of the wrapped store; a fault after it loses the answer.
    public func dropSpace(_ name: SpaceName) async throws(StoreError) {
        try await run(.dropSpace) { store async throws(StoreError) in try await store.dropSpace(name) }
    }

    /// Reads from the wrapped store; a call of kind `definitions`.
    public func definition(_ name: SpaceName) async throws(StoreError) -> Definition? {
        try await run(.definitions) { store async throws(StoreError) in try await store.definition(name) }
    }

    /// Reads from the wrapped store; a call of kind `definitions`.
    public func definitions(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [Definition] {
        try await run(.definitions) { store async throws(StoreError) in
            try await store.definitions(startingWith: prefix, after: after, limit: limit)
        }
    }

    /// Writes to the wrapped store; a fault after it loses the new version.
    public func putDefinition(
        _ name: SpaceName, value: [UInt8]?, ifVersion version: Int64
    ) async throws(StoreError) -> DefinitionOutcome {
        try await run(.putDefinition) { store async throws(StoreError) in
            try await store.putDefinition(name, value: value, ifVersion: version)
        }
    }

    /// Settles a part of a restore of the wrapped store, unless a fault is injected.
    public func settleRestore(from position: RestorePosition) async throws(StoreError) -> RestoreStep {
        try await run(.settleRestore) { store async throws(StoreError) in
            try await store.settleRestore(from: position)
        }
    }

    /// Asks the wrapped store, unless a fault is injected.
    public func status() async throws(StoreError) -> StoreStatus {
        try await run(.status) { store async throws(StoreError) in try await store.status() }
    }

    /// Closes the wrapped store; never fails and is not counted.
    public func close() async { await store.close() }

    func run<Result: Sendable>(
        _ kind: Call.Kind, _ body: (any DurableStore) async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let number = calls.withLock { calls in
            calls += 1
            return calls
        }
        switch await decide(Call(number: number, kind: kind)) {
        case .none: return try await body(store)
        case .before(let error): throw error
        case .after(let error):
            _ = try await body(store)
            throw error
        }
    }
}
