/// A store that passes every call on to another one by way of one method: to make it fail, to watch it, to delay it.
///
/// A conforming type writes ``relay(_:of:_:)``, through which every call goes, or single calls of a store in its place.
public protocol StoreRelay: DurableStore {
    /// The store that does the work.
    var store: any DurableStore { get }

    /// Makes one call by running `body` with ``store``, and returns or throws what becomes of it.
    ///
    /// - Parameters:
    ///   - call: What is called.
    ///   - record: The record that it is about, where it is about one.
    ///   - body: Makes the call on the store that it is given.
    func relay<Result: Sendable>(
        _ call: StoreCall, of record: RecordID?, _ body: (any DurableStore) async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result
}

extension StoreRelay {
    /// Makes the call as it is.
    public func relay<Result: Sendable>(
        _ call: StoreCall, of record: RecordID?, _ body: (any DurableStore) async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await body(store)
    }

    func run<Result: Sendable>(
        _ call: StoreCall, of record: RecordID? = nil, _ body: (any DurableStore) async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await relay(call, of: record, body)
    }

    /// Migrates the wrapped store.
    public func migrate(_ timings: DeploymentTimings) async throws(StoreError) -> Deployment {
        try await run(.migrate) { store async throws(StoreError) in try await store.migrate(timings) }
    }

    /// Reads the wrapped store's deployment.
    public func deployment() async throws(StoreError) -> Deployment {
        try await run(.deployment) { store async throws(StoreError) in try await store.deployment() }
    }

    /// Runs the group in the wrapped store.
    public func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
        try await run(.execute(group)) { store async throws(StoreError) in try await store.execute(group) }
    }

    /// Reads from the wrapped store.
    public func read(_ id: RecordID) async throws(StoreError) -> Record? {
        try await run(.read, of: id) { store async throws(StoreError) in try await store.read(id) }
    }

    /// Lists the wrapped store's records.
    public func list(
        _ collection: CollectionName, startingWith prefix: [UInt8], after: Key?, limit: Int
    ) async throws(StoreError) -> [RecordSummary] {
        try await run(.list) { store async throws(StoreError) in
            try await store.list(collection, startingWith: prefix, after: after, limit: limit)
        }
    }

    /// Names the wrapped store's collections.
    public func collections() async throws(StoreError) -> [(name: CollectionName, records: Int)] {
        try await run(.collections) { store async throws(StoreError) in try await store.collections() }
    }

    /// Raises the fence in the wrapped store.
    public func raiseFence(of id: RecordID, unlessAbove token: Int64?) async throws(StoreError) -> Int64? {
        try await run(.raiseFence, of: id) { store async throws(StoreError) in
            try await store.raiseFence(of: id, unlessAbove: token)
        }
    }

    /// Reads from the wrapped store.
    public func entries(of log: SpaceName, after sequence: Int64, limit: Int) async throws(StoreError) -> LogPage? {
        try await run(.entries) { store async throws(StoreError) in
            try await store.entries(of: log, after: sequence, limit: limit)
        }
    }

    /// Lists the wrapped store's logs.
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

    /// Lists the wrapped store's score tables.
    public func scoreTables(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try await run(.scoreTables) { store async throws(StoreError) in
            try await store.scoreTables(startingWith: prefix, after: after, limit: limit)
        }
    }

    /// Drops a space of the wrapped store.
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

    /// Writes to the wrapped store.
    public func putDefinition(
        _ name: SpaceName, value: [UInt8]?, ifVersion version: Int64
    ) async throws(StoreError) -> DefinitionOutcome {
        try await run(.putDefinition) { store async throws(StoreError) in
            try await store.putDefinition(name, value: value, ifVersion: version)
        }
    }

    /// Settles a part of a restore of the wrapped store.
    public func settleRestore(from position: RestorePosition) async throws(StoreError) -> RestoreStep {
        try await run(.settleRestore) { store async throws(StoreError) in
            try await store.settleRestore(from: position)
        }
    }

    /// Asks the wrapped store.
    public func status() async throws(StoreError) -> StoreStatus {
        try await run(.status) { store async throws(StoreError) in try await store.status() }
    }

    /// Closes the store; never fails, and is no call that is relayed.
    public func close() async { await store.close() }
}
