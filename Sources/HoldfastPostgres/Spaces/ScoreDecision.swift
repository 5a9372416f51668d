import HoldfastStorage

/// What the server decided on one submission.
struct ScoreDecision {
    let submission: SpaceSchedule.Submission
    var refusal: ScoreOutcome.Refusal?
    /// Nil when the member is not there.
    let row: ScoreRow?
    /// Whether its pair is another one now.
    let changed: Bool
    /// The change number that it took.
    let change: Int64?

    /// Reads the results of ``SQL/submit``; each submission has one row.
    static func read(
        _ result: QueryResult, of submissions: [SpaceSchedule.Submission]
    ) throws(StoreError) -> [ScoreDecision] {
        let byNumber = Dictionary(uniqueKeysWithValues: submissions.map { ($0.number, $0) })
        var decisions: [ScoreDecision] = []
        decisions.reserveCapacity(submissions.count)
        for row in result.rows {
            guard let submission = byNumber[Int(try row.integer(0))] else {
                throw StoreError(.internalError, "a score was decided that nobody submitted")
            }
            decisions.append(try ScoreDecision(row, submission))
        }
        return decisions
    }

    private init(_ row: QueryResult.Row, _ submission: SpaceSchedule.Submission) throws(StoreError) {
        self.submission = submission
        let code = try row.integer(1)
        self.refusal = ScoreOutcome.Refusal(code: code, nowMillis: try row.integer(12))
        guard code == 0 || refusal != nil else {
            throw StoreError(.newerSchema, "a score was refused for a reason that this build does not know")
        }
        self.changed = row.flag(3)
        self.change = row.flag(4) ? try row.integer(8) : nil
        guard row.flag(2) else {
            self.row = nil
            return
        }
        self.row = ScoreRow(
            member: submission.body.member, score: try row.integer(5), subscore: try row.integer(6),
            submissions: try row.integer(7), change: try row.integer(8), reached: try row.integer(9),
            metadata: row.optionalBytes(10), updatedAtMillis: try row.integer(11), isRemoved: false)
    }

    fileprivate var outcome: ScoreOutcome {
        if let refusal { return .refused(refusal) }
        if submission.body.action.removes { return .removed }
        return row.map { .accepted($0, changed: changed) } ?? .removed
    }
}

extension [ScoreDecision] {
    /// Gives a repeated batch what its first request in the same group was refused; both in the batch's order.
    mutating func takeRefusals(of first: [ScoreDecision]) {
        guard first.count == count else { return }
        for index in indices { self[index].refusal = first[index].refusal }
    }

    /// The outcome of a batch; the decisions are in its order.
    func outcome(generations: [SpaceName: RandomID]) -> ScoreBatchOutcome {
        var changes: [SpaceName: ClosedRange<Int64>] = [:]
        for decision in self {
            guard let change = decision.change else { continue }
            let table = decision.submission.body.table
            changes[table] = (changes[table]?.lowerBound ?? change)...change
        }
        return ScoreBatchOutcome(outcomes: map(\.outcome), generations: generations, changes: changes)
    }
}

extension Parameters {
    /// The parameters of ``SQL/submit`` from the member to the record version.
    mutating func add(_ submissions: [ScoreSubmission]) {
        let pairs = submissions.map(\.pair)
        add(blobs: submissions.map(\.member.bytes))
        add(integers: submissions.map(\.flags))
        add(integers: pairs.map(\.score))
        add(integers: pairs.map(\.subscore))
        add(blobs: submissions.map(\.metadata))
        add(integers: submissions.map { $0.conditions.maximumSubmissions.map(Int64.init) })
        add(integers: submissions.map { $0.conditions.maximumMembers.map(Int64.init) })
        add(integers: submissions.map(\.recordVersion))
        add(integers: submissions.map { $0.conditions.window?.lowerBound })
        add(integers: submissions.map { $0.conditions.window?.upperBound })
        add(integers: submissions.map { Int64($0.count) })
    }
}

// As ``SQL/submit`` reads them.

extension ScoreSubmission {
    fileprivate var pair: ScorePair {
        guard case .submit(let score, let subscore, _) = action else { return ScorePair(score: 0, subscore: 0) }
        return ScorePair(score: score, subscore: subscore)
    }

    fileprivate var flags: Int64 {
        let requires: Int64 = conditions.requiresMember ? 1 << 9 : 0
        switch action {
        case .submit(_, _, let rule): return requires | rule.flags
        case .metadata: return requires | 1
        case .remove: return requires | 2
        case .join: return requires | 1 << 10
        case .leave: return requires | 1 << 10 | 1
        }
    }
}

extension ScoreRule {
    fileprivate var flags: Int64 {
        (order == .ascending ? 1 << 2 : 0) | (subscoreOrder == .ascending ? 1 << 3 : 0) | scoreOperator.number << 4
            | (subscoreOperator?.number ?? 4) << 6
    }
}

extension ScoreOperator {
    fileprivate var number: Int64 {
        switch self {
        case .best: 0
        case .set: 1
        case .increment: 2
        case .decrement: 3
        }
    }
}
