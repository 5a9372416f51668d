import HoldfastStorage

/// Logs and score tables in the plainest Swift, one request after the other: what every store is compared with.
///
/// Time stands still in it, so its entries never expire.
struct SpaceModel {
    struct Log {
        var last: Int64 = 0
        var entries: [(id: RandomID, sequence: Int64, value: [UInt8])] = []
    }

    struct Member: Equatable {
        /// Equal but for the version, which stores do not show.
        static func == (left: Member, right: Member) -> Bool {
            left.isThere == right.isThere && left.pair == right.pair && left.submissions == right.submissions
                && left.metadata == right.metadata && left.change == right.change && left.reached == right.reached
        }

        var isThere = false
        var pair = ScorePair(score: 0, subscore: 0)
        var submissions: Int64 = 0
        var metadata: [UInt8]?
        var change: Int64 = 0
        var reached: Int64 = 0
        var version: Int64?
    }

    struct Table {
        var last: Int64 = 0
        var members: [Key: Member] = [:]
    }

    /// A reply without what is drawn at random: generations and dates.
    enum Reply: Equatable {
        case sequences([Int64])
        case full(Int)
        case trimmed(Int)
        case scores([Outcome], [SpaceName: ClosedRange<Int64>])
        case commit(hits: Bool)
    }

    enum Outcome: Equatable {
        case member(Key, Member, changed: Bool)
        case removed
        case refused(ScoreOutcome.Refusal)
    }

    private(set) var logs: [SpaceName: Log] = [:]
    private(set) var tables: [SpaceName: Table] = [:]
    private var refusals: [RandomID: [Int: ScoreOutcome.Refusal]] = [:]

    /// - Parameter hits: Whether a commit's record stands as the commit wants it.
    mutating func run(_ request: StoreRequest, hits: Bool) -> Reply {
        switch request {
        case .append(let append): return run(append)
        case .trim(let trim): return .trimmed(run(trim))
        case .submit(let batch): return run(batch)
        case .commit(let commit):
            if hits {
                for projection in commit.projections { _ = submit(projection) }
                for append in commit.entries { _ = run(append) }
            }
            return .commit(hits: hits)
        case .seal, .deliver, .decide: return .commit(hits: true)
        }
    }

    mutating func drop(_ name: SpaceName) {
        logs[name] = nil
        tables[name] = nil
    }

    private mutating func run(_ append: AppendRequest) -> Reply {
        var log = logs[append.log] ?? Log()
        defer { logs[append.log] = log }
        let new = append.entries.filter { entry in !log.entries.contains { $0.id == entry.id } }
        if let limit = append.limit, !new.isEmpty, log.entries.count + new.count > limit {
            return .full(log.entries.count)
        }
        for entry in new {
            log.last += 1
            log.entries.append((entry.id, log.last, entry.value))
        }
        return .sequences(
            append.entries.compactMap { entry in log.entries.first { $0.id == entry.id }?.sequence })
    }

    private mutating func run(_ trim: TrimRequest) -> Int {
        guard var log = logs[trim.log] else { return 0 }
        let before = log.entries.count
        switch trim.which {
        case .ids(let ids): log.entries.removeAll { ids.contains($0.id) }
        case .expired: break
        case .through(let last): log.entries.removeAll { $0.sequence <= last }
        }
        logs[trim.log] = log
        return before - log.entries.count
    }

    private mutating func run(_ batch: ScoreBatch) -> Reply {
        for submission in batch.submissions { tables[submission.table, default: Table()].last += 0 }
        if let known = refusals[batch.id] {
            let outcomes = batch.submissions.enumerated().map { index, submission -> Outcome in
                let member = tables[submission.table]?.members[submission.member]
                if let refusal = known[index] { return .refused(refusal) }
                guard submission.action != .remove, let member, member.isThere else { return .removed }
                return .member(submission.member, member, changed: false)
            }
            return .scores(outcomes, [:])
        }
        let before = tables.mapValues(\.last)
        let outcomes = batch.submissions.map { submit($0) }
        refusals[batch.id] = outcomes.enumerated().reduce(into: [:]) { refusals, outcome in
            if case .refused(let refusal) = outcome.element { refusals[outcome.offset] = refusal }
        }
        let changes = tables.compactMapValues(\.last).compactMap { name, last in
            last > before[name] ?? 0 ? (name, (before[name] ?? 0) + 1...last) : nil
        }
        return .scores(outcomes, Dictionary(uniqueKeysWithValues: changes))
    }

    private mutating func submit(_ submission: ScoreSubmission) -> Outcome {
        var table = tables[submission.table] ?? Table()
        defer { tables[submission.table] = table }
        let old = table.members[submission.member] ?? Member()
        let conditions = submission.conditions
        if let version = submission.recordVersion, let seen = old.version, version <= seen {
            return .refused(.superseded)
        }
        if conditions.requiresMember, !old.isThere { return .refused(.notAMember) }
        var new = old
        switch submission.action {
        case .remove:
            if !old.isThere, submission.recordVersion == nil { return .removed }
            new = Member(version: old.version)
        case .metadata:
            if !old.isThere { return .refused(.notAMember) }
        case .join, .leave:
            preconditionFailure("the histories draw no tournaments")
        case .submit(let score, let subscore, let rule):
            if old.isThere, let most = conditions.maximumSubmissions, old.submissions >= most {
                return .refused(.noSubmissionsLeft)
            }
            let submitted = ScorePair(score: score, subscore: subscore)
            guard let pair = rule.meet(stored: old.isThere ? old.pair : nil, submitted: submitted) else {
                return .refused(.overflow)
            }
            let count = table.members.values.count { $0.isThere }
            if !old.isThere, let most = conditions.maximumMembers, count >= most { return .refused(.full) }
            if !old.isThere { new = Member(isThere: true, version: old.version) }
            new.pair = pair
            new.submissions += 1
        }
        table.last += 1
        new.change = table.last
        let changed = new.isThere != old.isThere || new.pair != old.pair || !new.isThere
        if changed { new.reached = table.last }
        if new.isThere { new.metadata = submission.metadata ?? new.metadata }
        new.version = submission.recordVersion ?? old.version
        table.members[submission.member] = new
        return new.isThere ? .member(submission.member, new, changed: changed) : .removed
    }
}
