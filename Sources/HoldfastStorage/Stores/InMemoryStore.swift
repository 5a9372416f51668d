import Synchronization

/// A durable store in name only: everything is in memory and ends with it.
///
/// It has the exact semantics of the others, for a game's own tests. Several processes cannot share it;
/// several coordinators of one process can.
public final class InMemoryStore: DurableStore {
    private struct Row {
        var version: Int64 = 0
        var fence: Int64
        var owner: Owner?
        var saveID: RandomID?
        var content: Content?
        var createdAtMillis: Int64
        var updatedAtMillis: Int64

        var state: RowState { RowState(version: version, fence: fence, owner: owner, saveID: saveID) }
        var isListed: Bool { version > 0 && content != nil }
    }

    private struct State {
        var deployment: Deployment?
        var isClosed = false
        var rows: [RecordID: Row] = [:]
        /// In order of delivery.
        var operations: [RecordID: [OperationRecord]] = [:]
        var lastSequence: Int64 = 0
        var logs: [SpaceName: InMemoryLog] = [:]
        var scores = InMemoryScores()
        /// A removed one stays without a value, so that its version goes on counting.
        var definitions: [SpaceName: (version: Int64, value: [UInt8]?, updatedAtMillis: Int64)] = [:]
    }

    private let name: String
    private let now: @Sendable () -> Int64
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
            let id = state.deployment?.id ?? .random()
            let deployment = Deployment(name: name, id: id, timings: timings, schema: 1, minimumReader: 1)
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
            return group.map { request in
                switch request {
                case .seal(let seal): .seal(Self.seal(seal, &state, now))
                case .commit(let commit): .commit(Self.commit(commit, &state, now))
                case .deliver(let delivery): .deliver(Self.deliver(delivery, &state, now))
                case .append(let append):
                    .append(state.logs[append.log, default: InMemoryLog()].append(append, now))
                case .trim(let trim): .trim(state.logs[trim.log]?.trim(trim.which, now) ?? 0)
                case .submit(let batch): .submit(state.scores.submit(batch, now))
                }
            }
        }
    }

    /// See ``DurableStore/read(_:)``.
    public func read(_ id: RecordID) async throws(StoreError) -> Record? {
        try withDeployment { state throws(StoreError) in
            state.rows[id].map { row in
                Record(
                    id: id, version: row.version, fence: row.fence, owner: row.owner, saveID: row.saveID,
                    content: row.content, createdAtMillis: row.createdAtMillis, updatedAtMillis: row.updatedAtMillis
                )
            }
        }
    }

    /// Looks at every row of every collection and sorts what it found.
    public func list(
        _ collection: CollectionName, startingWith prefix: [UInt8], after: Key?, limit: Int
    ) async throws(StoreError) -> [RecordSummary] {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            let found = state.rows.filter { id, row in
                id.collection == collection && row.isListed && id.key.bytes.starts(with: prefix)
                    && after.map { $0 < id.key } ?? true
            }
            return found.sorted { $0.key < $1.key }.prefix(limit).compactMap { id, row in
                row.content.map { content in
                    RecordSummary(
                        key: id.key, version: row.version, schema: content.schema,
                        storedBytes: content.payload.bytes.count, documentBytes: content.payload.documentBytes,
                        updatedAtMillis: row.updatedAtMillis
                    )
                }
            }
        }
    }

    /// Counts by looking at every row.
    public func collections() async throws(StoreError) -> [(name: CollectionName, records: Int)] {
        try withDeployment { state throws(StoreError) in
            let counts = state.rows.reduce(into: [CollectionName: Int]()) { counts, row in
                if row.value.isListed { counts[row.key.collection, default: 0] += 1 }
            }
            return counts.sorted { $0.key < $1.key }.map { (name: $0.key, records: $0.value) }
        }
    }

    /// See ``DurableStore/pendingOperations(of:)``.
    public func pendingOperations(of records: [RecordID]) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkRecords(records)
        return try withDeployment { state throws(StoreError) in
            records.flatMap { Self.pending(of: $0, state) }
        }
    }

    /// See ``DurableStore/operations(of:after:limit:)``.
    public func operations(
        of record: RecordID, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [OperationRecord] {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            Array((state.operations[record] ?? []).filter { $0.sequence > sequence }.prefix(limit))
        }
    }

    /// See ``DurableStore/operation(_:of:)``.
    public func operation(_ id: OperationID, of record: RecordID) async throws(StoreError) -> OperationRecord? {
        try withDeployment { state throws(StoreError) in
            state.operations[record]?.first { $0.id == id }
        }
    }

    /// See ``DurableStore/raiseFence(of:unlessAbove:)``.
    public func raiseFence(of id: RecordID, unlessAbove token: Int64?) async throws(StoreError) -> Int64? {
        try withDeployment { state throws(StoreError) in
            guard let fence = state.rows[id]?.fence, fence <= token ?? fence else { return nil }
            state.rows[id]?.fence = (token ?? fence) + 1
            state.rows[id]?.owner = nil
            return state.rows[id]?.fence
        }
    }

    /// See ``DurableStore/entries(of:after:limit:)``.
    public func entries(of log: SpaceName, after sequence: Int64, limit: Int) async throws(StoreError) -> LogPage? {
        try DurableStoreLimits.checkPage(limit)
        let now = now()
        return try withDeployment { state throws(StoreError) in
            state.logs[log]?.page(after: sequence, limit: limit, now)
        }
    }

    /// Looks at every log and sorts what it found.
    public func logs(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try DurableStoreLimits.checkPage(limit)
        let now = now()
        return try withDeployment { state throws(StoreError) in
            Self.page(of: state.logs, startingWith: prefix, after: after, limit: limit).map { name, log in
                SpaceSummary(name: name, generation: log.generation, last: log.lastSequence, count: log.count(now))
            }
        }
    }

    /// See ``DurableStore/scores(of:changedAfter:limit:)``.
    public func scores(
        of table: SpaceName, changedAfter change: Int64, limit: Int
    ) async throws(StoreError) -> ScorePage? {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            state.scores.tables[table]?.page(changedAfter: change, limit: limit)
        }
    }

    /// See ``DurableStore/scores(of:members:)``.
    public func scores(of table: SpaceName, members: [Key]) async throws(StoreError) -> [ScoreRow?] {
        try DurableStoreLimits.checkMembers(members)
        return try withDeployment { state throws(StoreError) in
            members.map { state.scores.tables[table]?.row(of: $0) }
        }
    }

    /// Looks at every score table and sorts what it found.
    public func scoreTables(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [SpaceSummary] {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            Self.page(of: state.scores.tables, startingWith: prefix, after: after, limit: limit).map { name, table in
                SpaceSummary(
                    name: name, generation: table.counter.generation, last: table.counter.last,
                    count: table.counter.members
                )
            }
        }
    }

    /// See ``DurableStore/dropSpace(_:)``.
    public func dropSpace(_ name: SpaceName) async throws(StoreError) {
        try withDeployment { state throws(StoreError) in
            state.logs[name] = nil
            state.scores.drop(name)
        }
    }

    /// See ``DurableStore/definition(_:)``.
    public func definition(_ name: SpaceName) async throws(StoreError) -> Definition? {
        try withDeployment { state throws(StoreError) in Self.definition(name, state) }
    }

    /// Looks at every definition and sorts what it found.
    public func definitions(
        startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) async throws(StoreError) -> [Definition] {
        try DurableStoreLimits.checkPage(limit)
        return try withDeployment { state throws(StoreError) in
            let standing = state.definitions.filter { $0.value.value != nil }
            return Self.page(of: standing, startingWith: prefix, after: after, limit: limit).compactMap { name, _ in
                Self.definition(name, state)
            }
        }
    }

    /// See ``DurableStore/putDefinition(_:value:ifVersion:)``.
    public func putDefinition(
        _ name: SpaceName, value: [UInt8]?, ifVersion version: Int64
    ) async throws(StoreError) -> DefinitionOutcome {
        try Definition.validate(value, ifVersion: version)
        let now = now()
        return try withDeployment { state throws(StoreError) in
            let standing = Self.definition(name, state)
            guard standing?.version ?? 0 == version else { return .conflict(standing) }
            if value == nil, standing == nil { return .stored(version: 0) }
            let next = (state.definitions[name]?.version ?? 0) + 1
            state.definitions[name] = (next, value, now)
            return .stored(version: value == nil ? 0 : next)
        }
    }

    /// See ``DurableStore/settleRestore(from:)``; its logs and score tables are one step.
    public func settleRestore(from position: RestorePosition) async throws(StoreError) -> RestoreStep {
        try withDeployment { state throws(StoreError) in
            guard case .records(let after) = position else {
                for name in state.logs.keys { state.logs[name]?.generation = .random() }
                let count = state.logs.count + state.scores.renewGenerations()
                return RestoreStep(records: 0, spaces: count, next: nil)
            }
            let behind = state.rows.keys.filter { id in after.map { $0 < id } ?? true }
            let page = behind.sorted().prefix(RestorePosition.stepRows)
            for id in page {
                state.rows[id]?.fence += 1
                state.rows[id]?.owner = nil
            }
            let isLast = page.count < RestorePosition.stepRows
            return RestoreStep(
                records: page.count, spaces: 0, next: isLast ? .spaces(after: 0) : .records(after: page.last))
        }
    }

    private static func definition(_ name: SpaceName, _ state: State) -> Definition? {
        guard let row = state.definitions[name], let value = row.value else { return nil }
        return Definition(name: name, version: row.version, value: value, updatedAtMillis: row.updatedAtMillis)
    }

    private static func page<Value>(
        of spaces: [SpaceName: Value], startingWith prefix: [UInt8], after: SpaceName?, limit: Int
    ) -> ArraySlice<(key: SpaceName, value: Value)> {
        spaces.filter { name, _ in name.bytes.starts(with: prefix) && after.map { $0 < name } ?? true }
            .sorted { $0.key < $1.key }.prefix(limit)
    }

    /// Answers at once with kind `memory`, before ``migrate(_:)`` too.
    public func status() async throws(StoreError) -> StoreStatus {
        try withState { _ throws(StoreError) in StoreStatus(kind: "memory", version: "1", schema: 1) }
    }

    /// Keeps the rows, but every later call throws `closed`.
    public func close() async {
        state.withLock { $0.isClosed = true }
    }

    // MARK: - One request

    private static func seal(_ request: SealRequest, _ state: inout State, _ now: Int64) -> SealOutcome {
        switch FenceRules.seal(request, row: state.rows[request.id]?.state) {
        case .refuse(let row): return .stale(row)
        case .create:
            state.rows[request.id] = Row(
                fence: request.token, owner: request.owner, createdAtMillis: now, updatedAtMillis: now
            )
        case .take:
            state.rows[request.id]?.fence = request.token
            state.rows[request.id]?.owner = request.owner
        }
        guard let row = state.rows[request.id] else { return .stale(.missing) }
        return .sealed(
            SealedRecord(
                version: row.version, saveID: row.saveID, document: document(of: row, hot: request.hot),
                createdAtMillis: row.createdAtMillis, updatedAtMillis: row.updatedAtMillis,
                pending: pending(of: request.id, state)
            )
        )
    }

    private static func document(of row: Row, hot: HotReference?) -> SealedDocument {
        guard let content = row.content else { return .none }
        let checksum = content.payload.checksum
        if FenceRules.matches(hot, version: row.version, saveID: row.saveID, checksum: checksum) {
            return .hotCopyMatches(schema: content.schema, userIDs: content.userIDs, metadata: content.metadata)
        }
        return .stored(content)
    }

    private static func commit(_ request: CommitRequest, _ state: inout State, _ now: Int64) -> CommitOutcome {
        let settled = request.settlements.filter { settlement in
            position(of: settlement.id, settlement.record, state).map {
                state.operations[settlement.record]?[$0].state != .pending
            } ?? true
        }
        guard settled.isEmpty, request.writes.allSatisfy({ FenceRules.hits($0, row: state.rows[$0.id]?.state) }) else {
            return .refused(rows: request.writes.map { state.rows[$0.id]?.state }, settled: settled.map(\.id))
        }
        for write in request.writes { apply(write, &state, now) }
        for settlement in request.settlements { settle(settlement, &state, now) }
        for delivery in request.deliveries where position(of: delivery.id, delivery.record, state) == nil {
            append(delivery, &state, now)
        }
        for projection in request.projections { state.scores.apply(projection, now) }
        return .committed
    }

    private static func apply(_ write: RecordWrite, _ state: inout State, _ now: Int64) {
        guard var row = state.rows[write.id] else { return }
        switch write.change {
        case .none: break
        case .content(let content):
            if row.version == 0 { row.createdAtMillis = now }
            row.content = content
        case .tombstone:
            row.content = nil
            row.fence += 1
            row.owner = nil
        }
        let writesData = if case .none = write.change { false } else { true }
        if writesData {
            row.version += 1
            row.saveID = write.saveID
            row.updatedAtMillis = now
        }
        if write.releases { row.owner = nil }
        state.rows[write.id] = row
    }

    private static func settle(_ settlement: Settlement, _ state: inout State, _ now: Int64) {
        guard let index = position(of: settlement.id, settlement.record, state),
            let old = state.operations[settlement.record]?[index]
        else { return }
        state.operations[settlement.record]?[index] = OperationRecord(
            record: old.record, id: old.id, type: old.type, payload: old.payload, state: settlement.state,
            attempts: settlement.attempts, lastError: settlement.storedError, sequence: old.sequence,
            deliveredAtMillis: old.deliveredAtMillis, finishedAtMillis: settlement.state == .pending ? nil : now
        )
    }

    private static func deliver(_ delivery: Delivery, _ state: inout State, _ now: Int64) -> DeliveryOutcome {
        if let index = position(of: delivery.id, delivery.record, state),
            let existing = state.operations[delivery.record]?[index]
        {
            return FenceRules.redelivery(delivery, of: existing)
        }
        guard pending(of: delivery.record, state).count < DurableStoreLimits.pending else { return .full }
        append(delivery, &state, now)
        return .delivered
    }

    private static func append(_ delivery: Delivery, _ state: inout State, _ now: Int64) {
        state.lastSequence += 1
        state.operations[delivery.record, default: []].append(
            OperationRecord(
                record: delivery.record, id: delivery.id, type: delivery.type, payload: delivery.payload,
                state: .pending, attempts: 0, lastError: nil, sequence: state.lastSequence, deliveredAtMillis: now,
                finishedAtMillis: nil
            )
        )
    }

    private static func position(of id: OperationID, _ record: RecordID, _ state: State) -> Int? {
        state.operations[record]?.firstIndex { $0.id == id }
    }

    private static func pending(of record: RecordID, _ state: State) -> [OperationRecord] {
        Array((state.operations[record] ?? []).lazy.filter { $0.state == .pending }.prefix(DurableStoreLimits.pending))
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

    private func withDeployment<Result>(
        _ body: (inout State) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try withState { state throws(StoreError) in
            guard state.deployment != nil else { throw StoreError.neverMigrated(name) }
            return try body(&state)
        }
    }
}
