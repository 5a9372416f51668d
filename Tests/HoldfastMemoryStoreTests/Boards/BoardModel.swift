import HoldfastMemoryStore
import HoldfastStorage

/// A board as plain as can be: an array that is sorted anew for every question.
struct BoardModel: Sendable {
    struct Row: Sendable, Equatable {
        var member: Key
        var pair: ScorePair
        /// The number of the change that gave it its pair.
        var reached: Int64
        var submissions: Int64
        var metadata: JSONValue?
    }

    let rules: BoardRules
    private(set) var rows: [Row] = []
    private var changes: Int64 = 0

    init(_ rules: BoardRules) {
        self.rules = rules
    }

    // MARK: Writing

    mutating func submit(_ submission: BoardSubmission) -> BoardOutcome {
        let place = rows.firstIndex { $0.member == submission.member }
        let before = place.map { rows[$0].pair }
        let submitted = ScorePair(score: submission.score, subscore: submission.subscore)
        guard
            let pair = rules.scoreRule(submission.scoreOperator).meet(stored: before, submitted: submitted)
        else { return .refused(.overflow) }
        changes += 1
        var row =
            place.map { rows[$0] }
            ?? Row(member: submission.member, pair: pair, reached: changes, submissions: 0, metadata: nil)
        if pair != before { row.reached = changes }
        row.pair = pair
        row.submissions += 1
        row.metadata = submission.metadata ?? row.metadata
        put(row, at: place)
        return .accepted(BoardScore(score: pair.score, subscore: pair.subscore), changed: pair != before)
    }

    mutating func remove(_ member: Key) -> Bool {
        guard let place = rows.firstIndex(where: { $0.member == member }) else { return false }
        rows.remove(at: place)
        return true
    }

    mutating func setMetadata(_ metadata: JSONValue, for member: Key) -> Bool {
        guard let place = rows.firstIndex(where: { $0.member == member }) else { return false }
        rows[place].metadata = metadata
        return true
    }

    mutating func append(_ row: Row) {
        rows.append(row)
    }

    private mutating func put(_ row: Row, at place: Int?) {
        if let place { rows[place] = row } else { rows.append(row) }
    }

    // MARK: Reading

    func row(_ member: Key) -> Row? { rows.first { $0.member == member } }

    /// Whether one row comes before another one.
    func isBefore(_ left: Row, _ right: Row) -> Bool {
        if left.pair != right.pair { return rules.scoreRule().isBetter(left.pair, than: right.pair) }
        if rules.ties == .first { return left.reached < right.reached }
        return rules.order == .descending ? right.member < left.member : left.member < right.member
    }

    var sorted: [Row] { rows.sorted { isBefore($0, $1) } }

    /// The rank of a row among `others`, from 1.
    func rank(of row: Row, among others: [Row]) -> Int {
        let rule = rules.scoreRule()
        let better = others.filter { rule.isBetter($0.pair, than: row.pair) }
        switch rules.ranks {
        case .unique: return others.count { isBefore($0, row) } + 1
        case .competition: return better.count + 1
        case .dense: return Set(better.map(\.pair)).count + 1
        }
    }

    func boardRow(_ row: Row, details: Bool = false) -> BoardRow {
        BoardRow(
            rank: rank(of: row, among: rows), member: row.member, score: row.pair.score, subscore: row.pair.subscore,
            details: details
                ? BoardDetails(submissions: rules.countsSubmissions ? row.submissions : 1, metadata: row.metadata) : nil
        )
    }

    /// The places (from 1) around one of them: straight from the description, by cutting a list.
    static func window(around place: Int, total: Int, limit: Int) -> [Int] {
        let above = Array(max(1, place - limit)..<place)
        let half = limit / 2
        let isNearTop = above.count < half
        let most = isNearTop ? limit - above.count : half
        let below = Array((place + 1)..<(place + 1 + most)).filter { $0 <= total }
        let all = above + [place] + below
        return isNearTop ? Array(all.prefix(limit)) : Array(all.suffix(limit))
    }
}
