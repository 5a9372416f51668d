import GRDB
import HoldfastStorage

/// The statements of one group, run inside one immediate transaction.
///
/// SQLite has a single writer, so what is checked here still holds when it is written: members are
/// checked first and then written, one after the other.
struct GroupTransaction {
    let database: Database
    let deployment: Int64
    let now: Int64
    private var records: RecordTransaction
    private let operations: OperationTransaction
    private let spaces: SpaceTransaction
    /// Read once, by the first member that asks; 0 in a layout that has none.
    private var knownGeneration: Int64?

    init(_ database: Database, deployment: Int64, schema: Int, now: Int64) {
        self.database = database
        self.deployment = deployment
        self.now = now
        self.records = RecordTransaction(database, deployment: deployment, now: now)
        self.operations = OperationTransaction(database, deployment: deployment, schema: schema, now: now)
        self.spaces = SpaceTransaction(database, deployment: deployment, now: now)
        self.knownGeneration = schema < LayoutNeed.history.schema ? 0 : nil
    }

    mutating func run(_ requests: [PreparedRequest]) throws -> [StoreReply] {
        var replies: [StoreReply] = []
        for request in requests { replies.append(try run(request)) }
        try spaces.finish()
        return replies
    }

    private mutating func run(_ request: PreparedRequest) throws -> StoreReply {
        switch request {
        case .seal(let seal): .seal(try run(seal))
        case .commit(let commit, let writes): .commit(try run(commit, writes))
        case .deliver(let delivery): .deliver(try operations.deliver(delivery))
        case .append(let append): .append(try spaces.append(append))
        case .trim(let trim): .trim(try spaces.trim(trim))
        case .submit(let batch): .submit(try spaces.submit(batch))
        case .decide(let decision): .decide(try standing(decision) ?? decision.verdict)
        }
    }

    // MARK: - Seal

    private mutating func run(_ request: SealRequest) throws -> SealOutcome {
        let record = request.id.arguments(deployment)
        let row = try database.first(Statements.row, record) { try StoredRow(&$0, hot: request.hot) }
        let owner: StatementArguments = [
            request.token, request.owner.nonce.data, request.owner.server, request.owner.boot.data,
        ]
        switch FenceRules.seal(request, row: row?.state) {
        case .refuse(let state): return .stale(state)
        case .create: try database.run(Statements.insertSealed, record + owner + [now, now])
        case .take: try database.run(Statements.updateSealed, owner + record)
        }
        return .sealed(
            SealedRecord(
                version: row?.state.version ?? 0, saveID: row?.state.saveID, document: row?.document ?? .none,
                createdAtMillis: row?.createdAtMillis ?? now, updatedAtMillis: row?.updatedAtMillis ?? now,
                pending: try operations.pending(of: request.id), generation: try generation()
            )
        )
    }

    private mutating func generation() throws -> Int64 {
        if let knownGeneration { return knownGeneration }
        let found = try Layout.generation(of: deployment, in: database)
        knownGeneration = found
        return found
    }

    // MARK: - Commit

    private mutating func run(_ request: CommitRequest, _ writes: [PreparedWrite]) throws -> CommitOutcome {
        if let expected = request.generation, try generation() != expected { return .storeRestored }
        if writes.count == 1, writes[0].hasStatement, request.settlements.isEmpty, request.decision == nil {
            // A plain save is its own check: it hits the row or it does not.
            guard try records.run(writes[0]) else { return try refusal(request, []) }
        } else {
            let settled = try request.settlements.filter { try !operations.isPending($0.id, $0.record) }
            guard settled.isEmpty else { return try refusal(request, settled) }
            for write in request.writes where !FenceRules.hits(write, row: try rowState(of: write.id)) {
                return try refusal(request, [])
            }
            if let decision = request.decision, let verdict = try standing(decision) { return .decided(verdict) }
            for write in writes {
                guard try records.run(write) else { throw Self.contradiction() }
            }
            for settlement in request.settlements {
                guard try operations.settle(settlement) else { throw Self.contradiction() }
            }
        }
        try operations.insert(request.deliveries)
        try spaces.project(request.projections)
        for append in request.entries { _ = try spaces.append(append) }
        return .committed
    }

    /// Decides a trade; returns the verdict that stood before, if there was one.
    private func standing(_ decision: Decision) throws -> Decision.Verdict? {
        let values: StatementArguments = [deployment, decision.trade.data, decision.verdict.rawValue, now]
        guard try database.run(Statements.decide, values) == 0 else { return nil }
        return try database.verdict(of: decision.trade, deployment)
    }

    private func refusal(_ request: CommitRequest, _ settled: [Settlement]) throws -> CommitOutcome {
        .refused(rows: try request.writes.map { try rowState(of: $0.id) }, settled: settled.map(\.id))
    }

    private static func contradiction() -> StoreError {
        StoreError(.internalError, "a row changed between check and write of one transaction")
    }

    private func rowState(of id: RecordID) throws -> RowState? {
        try database.first(Statements.rowState, id.arguments(deployment)) { try $0.rowState() }
    }
}
