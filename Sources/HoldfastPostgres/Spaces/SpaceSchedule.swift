import HoldfastStorage

/// Puts the log and score requests of one group into rounds of statements.
///
/// A statement handles many requests as one set; the rounds are cut so that the result is the same as if the requests
/// were carried out one after the other. Pure; requests are named by their place in the group.
struct SpaceSchedule {
    /// What one round's statements handle; within a round each log's appends come before its trims.
    struct Round {
        /// In order of the group.
        var appends: [Append] = []
        /// Ids of one log at most once.
        var ids: [(request: Int, log: SpaceName, id: RandomID)] = []
        /// Logs at most once in both lists together.
        var through: [(request: Int, log: SpaceName, last: Int64)] = []
        var expired: [(request: Int, log: SpaceName)] = []
        var submissions: [Submission] = []
        fileprivate var appendedBytes = 0
        fileprivate var metadataBytes = 0
    }

    /// One append; ids that two appends of a log share are in different rounds.
    struct Append {
        /// Below 0 for the entries of a commit.
        var request: Int
        var body: AppendRequest
        /// The append of the same log before it in the round.
        var previous: Int?
    }

    /// One submission of a batch or a commit.
    struct Submission {
        /// Counts all submissions of the group, in its order.
        var number: Int
        var request: Int
        var body: ScoreSubmission
        /// The number of the same member's submission before it in the round.
        var previous: Int?
    }

    private enum Phase: Int {
        case append, ids, range
    }

    private struct LogState {
        var round = 0
        var phase = Phase.append
        var ids: Set<RandomID> = []
        var lastAppend: Int?
    }

    private struct TableState {
        var round = 0
        var last: [Key: Int] = [:]
        /// The condition that all limited submissions of the round share.
        var maximumMembers: Int?
        var hasRemoval = false
    }

    /// Values, or metadata, of a round; what is beyond goes to the next one.
    ///
    /// A parameter may have at most 1 GiB, and what a statement works on should stay in memory.
    private static let roundBytes = 16 << 20

    private(set) var rounds: [Round] = []
    /// Every space that the group names.
    private(set) var logs: Set<SpaceName> = []
    private(set) var tables: Set<SpaceName> = []
    /// The number of the first submission of each request; the others follow it.
    private(set) var firstNumbers: [Int: Int] = [:]
    private var logStates: [SpaceName: LogState] = [:]
    private var tableStates: [SpaceName: TableState] = [:]
    private var lastNumber = 0

    /// Whether there is nothing to do.
    var isEmpty: Bool { rounds.isEmpty }

    // MARK: - Logs

    mutating func add(_ append: AppendRequest, request: Int) {
        logs.insert(append.log)
        let bytes = append.entries.reduce(0) { $0 + $1.value.count + 64 }
        var state = logStates[append.log] ?? LogState()
        if state.phase != .append || append.entries.contains(where: { state.ids.contains($0.id) }) {
            state = LogState(round: state.round + 1)
        }
        while state.round < rounds.count, !rounds[state.round].appends.isEmpty,
            rounds[state.round].appendedBytes + bytes > Self.roundBytes
        {
            state = LogState(round: state.round + 1)
        }
        for entry in append.entries { state.ids.insert(entry.id) }
        let previous = state.lastAppend
        state.lastAppend = request
        logStates[append.log] = state
        change(state.round) { round in
            round.appends.append(Append(request: request, body: append, previous: previous))
            round.appendedBytes += bytes
        }
    }

    mutating func add(_ trim: TrimRequest, request: Int) {
        logs.insert(trim.log)
        var state = logStates[trim.log] ?? LogState()
        switch trim.which {
        case .ids(let ids):
            if state.phase != .ids {
                state = LogState(round: state.phase == .append ? state.round : state.round + 1, phase: .ids)
            }
            let new = ids.filter { state.ids.insert($0).inserted }
            change(state.round) { round in round.ids += new.map { (request, trim.log, $0) } }
        case .through(let last):
            state = LogState(round: state.phase == .range ? state.round + 1 : state.round, phase: .range)
            change(state.round) { round in round.through.append((request, trim.log, last)) }
        case .expired:
            state = LogState(round: state.phase == .range ? state.round + 1 : state.round, phase: .range)
            change(state.round) { round in round.expired.append((request, trim.log)) }
        }
        logStates[trim.log] = state
    }

    // MARK: - Scores

    mutating func add(_ submissions: [ScoreSubmission], request: Int) {
        firstNumbers[request] = lastNumber + 1
        for body in submissions { add(body, request: request) }
    }

    /// A table with a bound on its members takes each member once a round, no removal, and one bound: then a member
    /// that joins is too many exactly if the bound is reached by those that tried to join before it.
    private mutating func add(_ body: ScoreSubmission, request: Int) {
        tables.insert(body.table)
        lastNumber += 1
        let limit = body.conditions.maximumMembers
        let removes = body.action.removes
        var state = tableStates.removeValue(forKey: body.table) ?? TableState()
        if limit != nil || state.maximumMembers != nil {
            let differs = limit != nil && state.maximumMembers != nil && limit != state.maximumMembers
            if differs || state.last[body.member] != nil || removes || state.hasRemoval {
                state = TableState(round: state.round + 1)
            }
        }
        let bytes = body.metadata?.count ?? 0
        while bytes > 0, state.round < rounds.count, rounds[state.round].metadataBytes + bytes > Self.roundBytes {
            state = TableState(round: state.round + 1)
        }
        let previous = state.last.updateValue(lastNumber, forKey: body.member)
        state.maximumMembers = state.maximumMembers ?? limit
        state.hasRemoval = state.hasRemoval || removes
        let number = lastNumber
        change(state.round) { round in
            round.submissions.append(
                Submission(number: number, request: request, body: body, previous: previous))
            round.metadataBytes += bytes
        }
        tableStates[body.table] = state
    }

    private mutating func change(_ round: Int, _ body: (inout Round) -> Void) {
        while rounds.count <= round { rounds.append(Round()) }
        body(&rounds[round])
    }
}
