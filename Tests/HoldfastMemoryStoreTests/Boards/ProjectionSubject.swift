import HoldfastStorage
import ModelTesting

@testable import HoldfastMemoryStore

/// An index that is fed from a score table in every way that the fleet can come up with.
struct ProjectionSubject: ModelSubject {
    enum Operation: Sendable, CustomStringConvertible {
        case submit([Change])
        /// Sends the page after the cursor, so many rows of it.
        case pump(Int)
        /// Sends the page after a change a little before or after the cursor.
        case pumpFrom(Int, Int)
        /// Sends a page once more that was sent before.
        case repeatPage(Int)
        case lose
        case rebuild(Int)
        case fast(BoardSubmission)

        var description: String {
            switch self {
            case .submit(let changes): "submit \(changes.map { "\($0.what) for \($0.member)" })"
            case .pump(let rows): "pump \(rows)"
            case .pumpFrom(let offset, let rows): "pump \(rows) from \(offset) after the cursor"
            case .repeatPage(let number): "page \(number) again"
            case .lose: "lose the index"
            case .rebuild(let rows): "rebuild by \(rows)"
            case .fast(let submission): "fast \(submission.score) for \(submission.member)"
            }
        }
    }

    /// A submission that does not know its table yet.
    struct Change: Sendable {
        enum What: Sendable {
            case set(Int64, Int64)
            case metadata
            case remove
        }
        var member: Int
        var what: What
        var metadata: Int?

        func submission(to table: SpaceName) -> ScoreSubmission {
            let action: ScoreSubmission.Action =
                switch what {
                // The rule is the board's own; its operators are tested elsewhere.
                case .set(let score, let subscore):
                    .submit(score: score, subscore: subscore, rule: ScoreRule(scoreOperator: .set))
                case .metadata: .metadata
                case .remove: .remove
                }
            return ScoreSubmission(
                table: table, member: Key(member), action: action, metadata: metadata.map { Array("\($0)".utf8) })
        }
    }

    private struct Sent: Sendable {
        var rows: [ScoreRow]
        var from: Int64
        var through: Int64
    }

    private let table: SpaceName
    private let store: InMemoryStore
    private let index: BoardIndex
    private var sent: [Sent] = []
    /// Members whose fast scores the store does not know.
    private var ahead: Set<Key> = []

    init(_ index: BoardIndex, _ store: InMemoryStore) throws {
        self.index = index
        self.store = store
        table = try SpaceName("board:" + index.address.season)
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        switch generator.number(in: 0...15) {
        case 0...5:
            return .submit((0..<generator.one(of: [1, 1, 3, 8])).map { _ in change(using: &generator) })
        case 6...9: return .pump(generator.one(of: [1, 2, 5, 1_000]))
        case 10, 11: return .pumpFrom(generator.number(in: -6...3), generator.one(of: [1, 2, 5, 1_000]))
        case 12: return .repeatPage(generator.number(in: 0...20))
        case 13: return .lose
        case 14: return .rebuild(generator.one(of: [1, 3, 1_000]))
        default:
            return .fast(
                BoardSubmission(
                    member: Key(generator.number(in: 0...7)), score: ScoreSamples.few(using: &generator),
                    scoreOperator: generator.one(of: [.set, .increment])))
        }
    }

    private static func change(using generator: inout SeededGenerator) -> Change {
        let member = generator.number(in: 0...7)
        let metadata = generator.number(in: 0...9)
        switch generator.number(in: 0...9) {
        case 0: return Change(member: member, what: .remove)
        case 1: return Change(member: member, what: .metadata, metadata: metadata)
        default:
            return Change(
                member: member,
                what: .set(ScoreSamples.few(using: &generator), ScoreSamples.few(using: &generator)),
                metadata: generator.happens(0.2) ? metadata : nil)
        }
    }

    mutating func apply(_ operation: Operation) async throws {
        switch operation {
        case .submit(let changes):
            let batch = ScoreBatch(id: .random(), submissions: changes.map { $0.submission(to: table) })
            _ = try await store.execute([.submit(batch)])
        case .pump(let rows): try await send(after: try await index.cursor() ?? 0, rows)
        case .pumpFrom(let offset, let rows):
            let last = try await page(after: 0, 1)?.lastChange ?? 0
            let from = max(0, (try await index.cursor() ?? 0) + Int64(offset))
            if from <= last { try await send(after: from, rows) }
        case .repeatPage(let number):
            guard !sent.isEmpty else { return }
            try await send(sent[number % sent.count])
        case .lose:
            try await index.drop()
            let cursor = try await index.cursor()
            try agree(cursor, nil)
            let error = await code { _ = try await index.locate([Key(1)]) }
            try agree(error, .unavailable)
        case .rebuild(let rows): try await rebuild(by: rows)
        case .fast(let submission):
            guard try await index.cursor() != nil else { return }
            guard case .accepted = try await index.submitFast([submission], ranked: false)[0] else { return }
            ahead.insert(submission.member)
        }
    }

    /// Brings it up to date; then it is what the store has.
    mutating func finish() async throws {
        if try await index.cursor() == nil { try await rebuild(by: 1_000) }
        while let page = try await page(after: try await index.cursor() ?? 0, 1_000), !page.rows.isEmpty {
            try await send(after: try await index.cursor() ?? 0, 1_000)
        }
        let rows = try await page(after: 0, 1_000)?.rows ?? []
        let present = rows.filter { !$0.isRemoved }
        // A fast score that the store never heard of stays until the next change of that member.
        var model = BoardModel(index.rules)
        for row in present where !ahead.contains(row.member) { model.insert(row) }
        let found = try await index.locate((0...7).map { Key($0) }).found
        let details = try await index.details(of: (0...7).map { Key($0) })
        for (number, located) in found.enumerated() where !ahead.contains(Key(number)) {
            let row = model.row(Key(number))
            try agree(located?.entry.score, row?.pair.score, "the score of \(number)")
            try agree(located?.entry.subscore, row?.pair.subscore, "the subscore of \(number)")
            guard let row else { continue }
            try agree(
                details[number], BoardDetails(submissions: row.submissions, metadata: row.metadata), "details")
            if ahead.isEmpty {
                try agree(located?.rank, model.rank(of: row, among: model.rows), "the rank of \(number)")
            }
        }
        if ahead.isEmpty {
            let total = try await index.count()
            try agree(total, present.count, "the number of members")
        }
    }

    // MARK: Steps

    private func page(after change: Int64, _ limit: Int) async throws -> ScorePage? {
        try await store.scores(of: table, changedAfter: change, limit: limit)
    }

    private mutating func send(after change: Int64, _ limit: Int) async throws {
        guard let page = try await page(after: change, limit) else { return }
        let through = page.rows.count < limit ? page.lastChange : page.rows[page.rows.count - 1].change
        let sent = Sent(rows: page.rows, from: change, through: through)
        self.sent.append(sent)
        try await send(sent)
    }

    private mutating func send(_ page: Sent) async throws {
        let before = try await index.cursor()
        let answer = try await index.apply(page.rows, from: page.from, through: page.through)
        let after = try await index.cursor()
        guard let before else { return try agree(answer, .absent) }
        if before < page.from {
            try agree(answer, .gap(cursor: before))
            try agree(after, before, "the cursor after a gap")
        } else {
            try agree(after, max(before, page.through), "the cursor")
            for row in page.rows where row.change > before { ahead.remove(row.member) }
        }
    }

    private mutating func rebuild(by limit: Int) async throws {
        let next = index.replacement
        try await next.reset()
        var change: Int64 = 0
        while let page = try await page(after: change, limit), page.lastChange > change {
            let through = page.rows.count < limit ? page.lastChange : page.rows[page.rows.count - 1].change
            let answer = try await next.apply(page.rows, from: change, through: through)
            try agree(answer, .applied(cursor: through))
            change = through
        }
        let tooFar = try await index.promoteReplacement(atLeast: change + 1)
        try agree(tooFar, .absent)
        let promoted = try await index.promoteReplacement(atLeast: change)
        try agree(promoted, .done)
        let again = try await index.promoteReplacement(atLeast: change)
        try agree(again, .done, "the same promotion again")
        let cursor = try await index.cursor()
        try agree(cursor, change)
        ahead = []
    }
}

extension BoardModel {
    /// Adds a row as the store has it.
    mutating func insert(_ row: ScoreRow) {
        append(
            Row(
                member: row.member, pair: ScorePair(score: row.score, subscore: row.subscore), reached: row.reached,
                submissions: row.submissions, metadata: row.metadata.flatMap { try? CanonicalJSON.parse($0) }))
    }
}
