import HoldfastMemoryStore
import HoldfastStorage
import ModelTesting

/// A board in Redis beside ``BoardModel``.
struct BoardSubject: ModelSubject {
    enum Operation: Sendable, CustomStringConvertible {
        case submit([BoardSubmission])
        case remove([Int])
        case setMetadata(Int, Int)
        case rank(Int)
        case ranks([Int])
        case top(Int, ClosedRange<Int64>?)
        /// The page before the last one that was read, or after it.
        case turn(forward: Bool, Int)
        case around(Int, Int)
        case percentile(Int)
        case count(ClosedRange<Int64>?)
        case details([Int])

        var description: String {
            switch self {
            case .submit(let submissions):
                "submit "
                    + submissions.map {
                        "\($0.scoreOperator?.rawValue ?? "") \($0.score) \($0.subscore) for \($0.member)"
                            + ($0.metadata == nil ? "" : " with metadata")
                    }.joined(separator: ", ")
            case .remove(let members): "remove \(members)"
            case .setMetadata(let member, let value): "metadata \(value) for \(member)"
            case .rank(let member): "rank of \(member)"
            case .ranks(let members): "ranks of \(members)"
            case .top(let count, let scores): "top \(count) \(scores.map { "\($0)" } ?? "")"
            case .turn(let forward, let count): "the \(count) \(forward ? "after" : "before") the last page"
            case .around(let member, let count): "\(count) around \(member)"
            case .percentile(let member): "percentile of \(member)"
            case .count(let scores): "count \(scores.map { "\($0)" } ?? "")"
            case .details(let members): "details of \(members)"
            }
        }
    }

    /// The last page, with the rows at its ends as they were.
    private struct Opened: Sendable {
        var page: BoardPage
        var first: BoardModel.Row
        var last: BoardModel.Row
        var scores: ClosedRange<Int64>?
    }

    private let board: Board
    private var model: BoardModel
    private var opened: Opened?

    init(_ board: Board) {
        self.board = board
        model = BoardModel(board.rules)
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        func member() -> Int { generator.number(in: 0...7) }
        func members() -> [Int] { (0..<generator.number(in: 1...8)).map { _ in member() } }
        func scores() -> ClosedRange<Int64>? {
            guard generator.happens(0.5) else { return nil }
            let ends = [ScoreSamples.few(using: &generator), ScoreSamples.few(using: &generator)].sorted()
            return ends[0]...ends[1]
        }
        switch generator.number(in: 0...19) {
        case 0...8:
            let isPlain = generator.happens(0.5)
            return .submit(
                (0..<generator.one(of: [1, 1, 1, 2, 4])).map { _ in
                    BoardSubmission(
                        member: Key(member()),
                        score: isPlain ? Int64(generator.number(in: -2...3)) : ScoreSamples.few(using: &generator),
                        subscore: isPlain ? 0 : ScoreSamples.few(using: &generator),
                        scoreOperator: generator.one(of: [nil, .best, .set, .increment, .decrement]),
                        metadata: generator.happens(0.1) ? .integer(Int64(generator.number(in: 0...9))) : nil)
                })
        case 9: return .remove(members())
        case 10: return .setMetadata(member(), generator.number(in: 0...9))
        case 11: return .rank(member())
        case 12: return .ranks(members())
        case 13, 14: return .top(generator.number(in: 1...9), scores())
        case 15, 16: return .turn(forward: generator.happens(0.6), generator.number(in: 1...4))
        case 17: return .around(member(), generator.number(in: 1...9))
        case 18: return generator.happens(0.5) ? .percentile(member()) : .count(scores())
        default: return .details(members())
        }
    }

    static func simpler(than operation: Operation) -> [Operation] {
        guard case .submit(let submissions) = operation else { return [] }
        var simpler = submissions.count > 1 ? submissions.map { Operation.submit([$0]) } : []
        for (place, submission) in submissions.enumerated() {
            var plain = submissions
            plain[place].metadata = nil
            plain[place].subscore = 0
            if plain[place] != submission { simpler.append(.submit(plain)) }
        }
        return simpler
    }

    mutating func apply(_ operation: Operation) async throws {
        switch operation {
        case .submit(let submissions):
            // Shards have clocks of their own, so who was first within one call is not defined.
            guard board.rules.shards > 1, board.rules.ties == .first else { return try await submit(submissions) }
            for submission in submissions { try await submit([submission]) }
        case .remove(let members):
            let found = try await board.removeFast(members.map { Key($0) })
            let wanted = members.reduce(0) { $0 + (model.remove(Key($1)) ? 1 : 0) }
            try agree(found, wanted, "the number removed")
        case .setMetadata(let member, let value):
            let wanted = model.setMetadata(.integer(Int64(value)), for: Key(member))
            let found = await code { try await board.setMetadataFast(.integer(Int64(value)), for: Key(member)) }
            try agree(found, wanted ? nil : .notFound, "the error")
        case .rank(let member):
            let found = try await board.rank(of: Key(member))
            try agree(found, model.row(Key(member)).map { model.boardRow($0) })
        case .ranks(let members): try await ranks(Set(members).map { Key($0) })
        case .top(let count, let scores):
            let page = try await board.top(count, scores: scores, details: true, maximumAge: .zero)
            try compare(page, with: Array(part(scores).prefix(count)), of: scores)
        case .turn(let forward, let count): try await turn(forward: forward, count)
        case .around(let member, let count):
            let page = try await board.around(Key(member), count: count, details: true)
            let sorted = model.sorted
            let place = sorted.firstIndex { $0.member == Key(member) }
            let places = place.map { BoardModel.window(around: $0 + 1, total: sorted.count, limit: count) } ?? []
            try compare(page, with: places.map { sorted[$0 - 1] }, of: nil)
        case .percentile(let member):
            let found = try await board.percentile(of: Key(member))
            let rule = board.rules.scoreRule()
            let wanted = model.row(Key(member)).map { row in
                let better = model.rows.count { rule.isBetter($0.pair, than: row.pair) }
                return 100 * (1 - Double(better) / Double(model.rows.count))
            }
            try agree(found, wanted)
        case .count(let scores):
            let found = try await board.count(scores: scores)
            try agree(found, part(scores).count)
        case .details(let members):
            let found = try await board.details(of: members.map { Key($0) })
            let wanted = members.map { member in
                model.row(Key(member)).flatMap { model.boardRow($0, details: true).details }
            }
            try agree(found, wanted)
        }
    }

    mutating func finish() async throws {
        let page = try await board.top(1_000, details: true, maximumAge: .zero)
        try compare(page, with: model.sorted, of: nil)
    }

    // MARK: Steps

    private mutating func submit(_ submissions: [BoardSubmission]) async throws {
        let found = try await board.submitFast(submissions, ranked: true)
        var wanted: [BoardOutcome] = []
        for submission in submissions { wanted.append(model.submit(submission)) }
        for (place, submission) in submissions.enumerated() {
            guard case .accepted(var score, let changed) = wanted[place],
                let row = model.row(submission.member)
            else { continue }
            score.rank = model.rank(of: row, among: model.rows)
            score.submissions = board.rules.countsSubmissions ? row.submissions : nil
            wanted[place] = .accepted(score, changed: changed)
        }
        try agree(found, wanted, "the outcome")
    }

    private func ranks(_ members: [Key]) async throws {
        let found = try await board.ranks(of: members)
        let chosen = model.sorted.filter { members.contains($0.member) }
        let wanted = chosen.map {
            BoardSubsetRow(subsetRank: model.rank(of: $0, among: chosen), row: model.boardRow($0))
        }
        try agree(found, wanted)
    }

    private mutating func turn(forward: Bool, _ count: Int) async throws {
        guard let opened, let cursor = forward ? opened.page.next : opened.page.previous else { return }
        let page = try await board.top(
            count, after: cursor, scores: opened.scores, details: true, maximumAge: .zero)
        let rows = part(opened.scores)
        let wanted =
            forward
            ? Array(rows.filter { model.isBefore(opened.last, $0) }.prefix(count))
            : Array(rows.filter { model.isBefore($0, opened.first) }.suffix(count))
        try compare(page, with: wanted, of: opened.scores)
    }

    private func part(_ scores: ClosedRange<Int64>?) -> [BoardModel.Row] {
        model.sorted.filter { scores?.contains($0.pair.score) ?? true }
    }

    private mutating func compare(
        _ page: BoardPage, with rows: [BoardModel.Row], of scores: ClosedRange<Int64>?
    ) throws {
        try agree(page.rows, rows.map { model.boardRow($0, details: true) }, "the page")
        try agree(page.total, model.rows.count, "the number of members")
        let all = part(scores)
        let (first, last) = (rows.first, rows.last)
        try agree(page.previous != nil, first != nil && all.first != first, "whether there is a page before")
        try agree(page.next != nil, last != nil && all.last != last, "whether there is a page after")
        if let first, let last { opened = Opened(page: page, first: first, last: last, scores: scores) }
    }
}
