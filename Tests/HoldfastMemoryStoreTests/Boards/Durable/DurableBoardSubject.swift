import HoldfastRedis
import HoldfastStorage
import ModelTesting

@testable import HoldfastMemoryStore

/// Processes that bring scores to the store and from there to Redis, step by step, with every fault in between.
///
/// The reference is the store, whose sums are compared with what was acknowledged.
struct DurableBoardSubject: ModelSubject {
    enum Loss: Sendable, CaseIterable {
        case none, request, answer
    }

    enum Operation: Sendable, CustomStringConvertible {
        /// Scores for members; nil removes.
        case submit(Int, [(member: Int, score: Int64?)])
        case fast(Int, member: Int, score: Int64)
        /// Sends the next batch to the store, or the one under way again.
        case send(Int, Loss)
        /// Takes the lane's next step; the call of that number to Redis fails, if there are so many.
        case pump(Int, Loss, call: Int)
        case suspect(Int)
        case rebuild(Int, Loss, call: Int)
        case crash(Int)
        /// All processes send and pump until there is nothing to do.
        case settle
        case flush
        case save
        case goBack

        var description: String {
            switch self {
            case .submit(let process, let changes):
                "\(process) submits \(changes.map { "\($0.score.map { "\($0)" } ?? "nothing") for \($0.member)" })"
            case .fast(let process, let member, let score): "\(process) submits \(score) for \(member) fast"
            case .send(let process, let loss): "\(process) sends, loses \(loss)"
            case .pump(let process, let loss, let call): "\(process) pumps, loses \(loss) \(call)"
            case .suspect(let process): "\(process) suspects"
            case .rebuild(let process, let loss, let call): "\(process) rebuilds, loses \(loss) \(call)"
            case .crash(let process): "\(process) crashes"
            case .settle: "all settle"
            case .flush: "flush"
            case .save: "save"
            case .goBack: "go back"
            }
        }
    }

    /// All that a process has in mind.
    private struct Process: Sendable {
        var batcher = ScoreBatcher(limits: ScoreBatcher.Limits(batch: 4, behindShare: 1))
        var lane = ProjectionLane(limits: .init(rows: 6, call: 4, patience: 2))
        /// Scores that the store has not answered for, by the number of their change.
        var open: [UInt64: (member: Int, score: Int64)] = [:]
        /// Fast scores that the store may lack.
        var fast: [Int: Int64] = [:]
        var lastID: UInt64 = 0
    }

    /// Members from this one on are removed, too, and their sums not compared.
    private static let removed = 5
    private static let processes = 3

    private let memory: MemoryStore
    private let store: any DurableStore
    private let target: SeasonTarget
    private let table: SpaceName
    private let rules: BoardRules
    private let index: BoardIndex
    private let faults = ScriptFaults()
    private var fleet = (0..<processes).map { _ in Process() }
    private var certain: [Int: Int64] = [:]
    private var possible: [Int: Int64] = [:]
    /// Members whose fast scores died with a process: Redis may show them until the next change or load.
    private var ahead: Set<Int> = []
    private var isSaved = false

    init(_ memory: MemoryStore, _ store: any DurableStore, _ rules: BoardRules) throws {
        var context = memory.context
        context.rewrite = { [faults] in faults.rewrite($0, $1) }
        self.memory = memory
        self.store = store
        self.rules = rules
        let space = BoardSpace(board: "arena", generation: .random())
        target = SeasonTarget(space: space, calendar: SeasonCalendar(schedule: .never, tournament: nil))
        table = space.table(0)
        index = try BoardIndex(
            context, space.address(0), rules: rules, isProjected: true, pages: memory.boardPages)
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        let process = generator.number(in: 0...processes - 1)
        let loss = generator.one(of: [Loss.none, .none, .none, .request, .answer])
        let call = generator.number(in: 1...5)
        switch generator.number(in: 0...44) {
        case 0...7:
            return .submit(
                process,
                (0..<generator.one(of: [1, 1, 2, 6])).map { _ in
                    let member = generator.number(in: 0...7)
                    let isRemoval = member >= removed && generator.happens(0.3)
                    return (member, isRemoval ? nil : Int64(generator.number(in: 0...3)))
                })
        case 8...13:
            return .fast(process, member: generator.number(in: 0...7), score: Int64(generator.number(in: 0...3)))
        case 14...21: return .send(process, loss)
        case 22...32: return .pump(process, loss, call: call)
        case 33: return .suspect(process)
        case 34: return .rebuild(process, loss, call: call)
        case 35, 36: return .crash(process)
        case 37, 38: return .flush
        case 39: return .save
        case 40, 41: return .goBack
        default: return .settle
        }
    }

    mutating func apply(_ operation: Operation) async throws {
        switch operation {
        case .submit(let process, let changes): for change in changes { submit(process, change.member, change.score) }
        case .fast(let process, let member, let score): try await submitFast(process, member, score)
        case .send(let process, let loss): try await send(process, loss)
        case .pump(let process, let loss, let call):
            faults.lose(loss, call)
            try await pump(process)
            faults.lose(.none, 0)
        case .suspect(let process): fleet[process].lane.suspect()
        case .rebuild(let process, let loss, let call):
            faults.lose(loss, call)
            _ = try? await BoardLoader(index.context, store, table, index).load(isForced: true)
            faults.lose(.none, 0)
            fleet[process].lane.suspect()
        case .crash(let process): crash(process)
        case .settle: for process in fleet.indices { try await settle(process) }
        case .flush: try await index.drop()
        case .save:
            try await copy(from: "", to: ".saved")
            isSaved = true
        case .goBack: if isSaved { try await copy(from: ".saved", to: "") }
        }
    }

    /// Brings all to an end; then the store has what was acknowledged, and Redis what the store has.
    mutating func finish() async throws {
        for process in fleet.indices { try await settle(process) }
        let stored = try await store.scores(of: table, members: (0..<Self.removed).map { Key($0) })
        for (member, row) in stored.enumerated() {
            let least = certain[member] ?? 0
            let most = least + (possible[member] ?? 0)
            let sum = row?.score ?? 0
            guard (least...most).contains(sum) else {
                throw Disagreement("the store has \(sum) for \(member), which got \(least) to \(most)")
            }
        }
        // The slow duty of one process finds whatever is wrong; nobody takes anything back afterwards.
        fleet[0].lane.suspect()
        for process in fleet.indices {
            try await settle(process)
            try await compare("after process \(process)")
        }
        let cursor = try await BoardLoader(index.context, store, table, index).load(isForced: true)
        try agree(cursor != nil, true, "the rebuild is done")
        ahead = []
        try await compare("after a rebuild")
    }

    // MARK: Steps

    private mutating func settle(_ process: Int) async throws {
        for _ in 0..<500 where !fleet[process].batcher.isIdle { try await send(process, .none) }
        try agree(fleet[process].batcher.isIdle, true, "process \(process) has sent everything")
        for _ in 0..<500 where fleet[process].lane.hasWork { try await pump(process) }
        try agree(fleet[process].lane.hasWork, false, "process \(process) has something to do")
    }

    private mutating func submit(_ process: Int, _ member: Int, _ score: Int64?) {
        fleet[process].lastID += 1
        let id = fleet[process].lastID
        fleet[process].open[id] = (member, score ?? 0)
        let action: ScoreSubmission.Action =
            score.map { .submit(score: $0, subscore: 0, rule: rules.scoreRule()) } ?? .remove
        fleet[process].batcher.add(
            ScoreBatcher.Entry(
                id: id, target: target, member: Key(member), action: action, deadline: .now + .seconds(3_600)),
            wall: 0)
    }

    private mutating func submitFast(_ process: Int, _ member: Int, _ score: Int64) async throws {
        let submission = BoardSubmission(member: Key(member), score: score)
        do {
            guard case .accepted? = try await index.submitFast([submission], ranked: false).first else { return }
        } catch {
            guard error.isBoardNotLoaded else { throw error }
            return fleet[process].lane.lost()
        }
        let change = FastChange(pair: ScorePair(score: score, subscore: 0), rule: rules.scoreRule())
        fleet[process].batcher.follow(change, table: table, member: Key(member))
        fleet[process].fast[member, default: 0] += score
    }

    private mutating func send(_ process: Int, _ loss: Loss) async throws {
        if fleet[process].batcher.underWay == nil {
            _ = fleet[process].batcher.next(id: .random(), now: .now, wall: 0, alsoBehind: true)
        }
        guard let batch = fleet[process].batcher.underWay else { return }
        var result: Result<ScoreBatchOutcome, StoreError> = .failure(StoreError(.unavailable, "lost"))
        if loss != .request {
            let request = ScoreBatch(id: batch.id, submissions: batch.submissions)
            guard case .submit(let outcome)? = try await store.execute([.submit(request)]).first else { return }
            result = loss == .none ? .success(outcome) : .failure(StoreError(.outcomeUnknown, "lost"))
        }
        switch fleet[process].batcher.answered(result, now: .now, wall: 0) {
        case .again, .failed: break
        case .settled(let settled):
            guard case .success(let outcome) = result else { return }
            for change in settled {
                guard let (member, score) = fleet[process].open.removeValue(forKey: change.id) else {
                    throw Disagreement("\(change.id) is answered twice")
                }
                if case .accepted = change.outcome { certain[member, default: 0] += score }
            }
            for (_, news) in batch.news(outcome) {
                if let changes = news.changes {
                    fleet[process].lane.committed(changes, rows: news.rows)
                } else {
                    fleet[process].lane.suspect()
                }
            }
            guard fleet[process].batcher.isIdle else { return }
            certain.merge(fleet[process].fast, uniquingKeysWith: +)
            fleet[process].fast = [:]
        }
    }

    private mutating func pump(_ process: Int) async throws {
        let batcher = fleet[process].batcher
        let pump = SeasonPump(context: index.context, store: store, table: table, index: index) {
            batcher.withBehind($0, of: $1)
        }
        do {
            for answer in try await pump.perform(fleet[process].lane.next()) { fleet[process].lane.take(answer) }
        } catch {
            fleet[process].lane.suspect()
        }
    }

    private mutating func crash(_ process: Int) {
        for (member, score) in fleet[process].open.values { possible[member, default: 0] += score }
        possible.merge(fleet[process].fast, uniquingKeysWith: +)
        ahead.formUnion(fleet[process].fast.keys)
        fleet[process] = Process()
    }

    /// Copies the season's keys, or removes what is not there.
    private func copy(from source: String, to target: String) async throws {
        for shard in index.shards {
            let keys = shard.allKeys.flatMap { [$0 + Array(source.utf8), $0 + Array(target.utf8)] }
            _ = try await memory.context.evaluate(ScriptFaults.copy, keys: keys, [])
        }
    }

    private func compare(_ when: String) async throws {
        let board = Board(name: "arena", rules: rules, source: RedisOnlySource(only: index))
        var found = try await board.allRows()
        var wanted = try await store.boardRows(of: table, rules)
        if !ahead.isEmpty {
            // Others are shown right, but for the rank that they have among these.
            let unknown = Set(ahead.map { Key($0) })
            func known(_ rows: [BoardRow]) -> [BoardRow] {
                rows.filter { !unknown.contains($0.member) }.map {
                    BoardRow(rank: 0, member: $0.member, score: $0.score, subscore: $0.subscore, details: $0.details)
                }
            }
            (found, wanted) = (known(found), known(wanted))
        }
        try agree(found, wanted, when)
    }
}
