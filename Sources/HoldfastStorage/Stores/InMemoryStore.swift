import Synchronization

/// A durable store in name only: everything is in memory and ends with it.
///
/// It has the exact semantics of the others, for a game's own tests. Several processes cannot share it;
/// several coordinators of one process can.
public final class InMemoryStore: DurableStore {
    struct State {
        var deployment: Deployment?
        fileprivate(set) var isClosed = false
        var records = InMemoryRecords()
        var decisions: [RandomID: Decision.Verdict] = [:]
        /// By the user ids' bytes, with the time.
        var erasures: [[UInt8]: Int64] = [:]
        var logs: [SpaceName: InMemoryLog] = [:]
        var scores = InMemoryScores()
        /// A removed one stays without a value, so that its version goes on counting.
        var definitions: [SpaceName: (version: Int64, value: [UInt8]?, updatedAtMillis: Int64)] = [:]
    }

    /// The layout of the other stores that it can do as much as.
    private static let schema = LayoutNeed.history.schema

    private let name: String
    let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - deployment: The deployment that it is opened for.
    ///   - now: The time for the dates of rows, in milliseconds since 1970.
    public init(deployment: String, now: @escaping @Sendable () -> Int64 = { WallClock.milliseconds() }) {
        self.name = deployment
        self.now = now
    }

    /// Draws the deployment's id on the first call; later ones replace the timings.
    public func migrate(_ timings: DeploymentTimings) async throws(StoreError) -> Deployment {
        try withState { state throws(StoreError) in
            let deployment = Deployment(
                name: name, id: state.deployment?.id ?? .random(), timings: timings, schema: Self.schema,
                minimumReader: 1, generation: state.deployment?.generation ?? 0)
            state.deployment = deployment
            return deployment
        }
    }

    /// See ``DurableStore/deployment()``.
    public func deployment() async throws(StoreError) -> Deployment {
        try withDeployment { state throws(StoreError) in state.deployment! }
    }

    /// Runs the group under one lock, so no other call sees a part of it.
    public func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
        try group.validate()
        return try withDeployment { state throws(StoreError) in
            let now = now()
            let generation = state.deployment?.generation ?? 0
            return group.map { request in
                switch request {
                case .seal(let seal): .seal(state.records.seal(seal, generation: generation, now))
                case .commit(let commit): .commit(Self.commit(commit, &state, now))
                case .deliver(let delivery): .deliver(state.records.operations.deliver(delivery, now))
                case .append(let append):
                    .append(state.logs[append.log, default: InMemoryLog()].append(append, now))
                case .trim(let trim): .trim(state.logs[trim.log]?.trim(trim.which, now) ?? 0)
                case .submit(let batch): .submit(state.scores.submit(batch, now))
                case .decide(let decision): .decide(state.decide(decision))
                }
            }
        }
    }

    private static func commit(_ request: CommitRequest, _ state: inout State, _ now: Int64) -> CommitOutcome {
        if let generation = request.generation, generation != state.deployment?.generation { return .storeRestored }
        if let refusal = state.records.refusal(of: request) { return refusal }
        if let decision = request.decision {
            if let verdict = state.decisions[decision.trade] { return .decided(verdict) }
            _ = state.decide(decision)
        }
        state.records.apply(request, now)
        for projection in request.projections { state.scores.apply(projection, now) }
        for append in request.entries { _ = state.logs[append.log, default: InMemoryLog()].append(append, now) }
        return .committed
    }

    /// See ``DurableStore/read(_:)``.
    public func read(_ id: RecordID) async throws(StoreError) -> Record? {
        try withDeployment { state throws(StoreError) in state.records.record(id) }
    }

    /// Looks at every row of every collection and sorts what it found.
    public func list(
        _ collection: CollectionName, startingWith prefix: [UInt8], after: Key?, limit: Int
    ) async throws(StoreError) -> [RecordSummary] {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            state.records.list(collection, startingWith: prefix, after: after, limit: limit)
        }
    }

    /// Counts by looking at every row.
    public func collections() async throws(StoreError) -> [(name: CollectionName, records: Int)] {
        try withDeployment { state throws(StoreError) in state.records.collections() }
    }

    /// Looks at every row.
    public func totals(of collection: CollectionName) async throws(StoreError) -> CollectionTotals {
        try withDeployment { state throws(StoreError) in state.records.totals(of: collection) }
    }

    /// See ``DurableStore/raiseFence(of:unlessAbove:)``.
    public func raiseFence(of id: RecordID, unlessAbove token: Int64?) async throws(StoreError) -> Int64? {
        try withDeployment { state throws(StoreError) in state.records.raiseFence(of: id, unlessAbove: token) }
    }

    /// See ``DurableStore/settleRestore(from:)``; its logs and score tables are one step.
    public func settleRestore(from position: RestorePosition) async throws(StoreError) -> RestoreStep {
        let now = now()
        return try withDeployment { state throws(StoreError) in
            if position == .start { state.bumpGeneration(now) }
            if case .records(let after) = position { return state.records.raiseFences(after: after) }
            for name in state.logs.keys { state.logs[name]?.generation = .random() }
            let count = state.logs.count + state.scores.renewGenerations()
            return RestoreStep(records: 0, spaces: count, next: nil)
        }
    }

    /// Answers at once with kind `memory`, before ``migrate(_:)`` too.
    public func status() async throws(StoreError) -> StoreStatus {
        try withState { _ throws(StoreError) in
            StoreStatus(kind: "memory", version: "1", schema: LayoutNeed.history.schema)
        }
    }

    /// Keeps the rows, but every later call throws `closed`.
    public func close() async {
        state.withLock { $0.isClosed = true }
    }

    // MARK: - State

    private func withState<Result>(
        _ body: (inout State) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try state.withLock { state throws(StoreError) in
            guard !state.isClosed else { throw StoreError(.closed, "the store was closed") }
            return try body(&state)
        }
    }

    func withDeployment<Result>(
        _ body: (inout State) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try withState { state throws(StoreError) in
            guard state.deployment != nil else { throw StoreError.neverMigrated(name) }
            return try body(&state)
        }
    }
}
