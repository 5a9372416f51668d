/// Durable boards: holds what the store and Redis have of each member against the submissions, and the documents.
///
/// The store has every acknowledged score, and nothing that was not submitted: on the board that keeps the best, a
/// score that is no worse than the best acknowledged one and was submitted; on the one that adds, the acknowledged sum
/// and at most what may have taken effect besides. On both it counts each submission once. On the board that documents
/// bring their rewards to it has exactly those of each document. Redis, read when the fleet had ended, shows the
/// store's members in the order and with the ranks that the store's rows give.
struct BoardRule {
    private typealias Board = SharedJournals.Board

    private let evidence: Evidence

    init(_ evidence: Evidence) {
        self.evidence = evidence
    }

    func check(_ findings: inout Findings) {
        for board in Board.allCases {
            let rows = evidence.store.scores[board] ?? [:]
            var differing = board == .rewards ? unlikeDocuments(rows) : unlikeSubmissions(rows, of: board)
            compare(board, rows, &differing, &findings)
            for (key, difference) in differing.sorted(by: { $0.key < $1.key }) {
                findings.report(
                    .boardMismatch, "board \(board.rawValue), member \(evidence.keys.name(key)): \(difference)")
            }
        }
    }

    private func unlikeSubmissions(_ rows: [KeyIndex: StoreImage.Score], of board: Board) -> [KeyIndex: String] {
        var submissions: [KeyIndex: Submissions] = [:]
        for score in evidence.journals.shared.scores where score.board == board {
            submissions[score.key, default: Submissions()].add(score)
        }
        var differing: [KeyIndex: String] = [:]
        for key in Set(rows.keys).union(submissions.keys) {
            differing[key] = (submissions[key] ?? Submissions()).difference(from: rows[key], takesBest: board == .best)
        }
        return differing
    }

    /// Servers of an older build, which know no boards and so never listen, may have written the document last.
    private func unlikeDocuments(_ rows: [KeyIndex: StoreImage.Score]) -> [KeyIndex: String] {
        let knowing = Set(evidence.journals.shared.listeners.map(\.process))
        var differing: [KeyIndex: String] = [:]
        for (key, record) in evidence.store.records {
            guard evidence.store.worlds[key] == nil, case .document(_, let rewards) = record.content,
                let owner = evidence.store.commits(of: key).last(where: \.isWrite)?.oldOwner,
                let writer = evidence.sessions.session(of: owner)?.opened.process, knowing.contains(writer),
                rows[key]?.score != rewards
            else { continue }
            differing[key] =
                "the document has \(rewards) rewards, the store \(rows[key].map { "\($0.score)" } ?? "no row")"
        }
        for key in rows.keys where evidence.store.records[key] == nil { differing[key] = "there is no document" }
        return differing
    }

    /// Compares what Redis showed with a sorting of the store's rows.
    private func compare(
        _ board: Board, _ rows: [KeyIndex: StoreImage.Score], _ differing: inout [KeyIndex: String],
        _ findings: inout Findings
    ) {
        guard let found = evidence.journals.shared.rankings[board] else {
            if !rows.isEmpty { findings.report(.none, "board \(board.rawValue) was not read from Redis to its end") }
            return
        }
        let wanted = ranking(board, rows)
        let places = Dictionary(
            wanted.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
        var shown: Set<KeyIndex> = []
        for (place, row) in found.enumerated() {
            let isRepeated = !shown.insert(row.key).inserted
            let wantedPlace = places[row.key]
            if !isRepeated, wantedPlace == place, wanted[place] == row { continue }
            let stored =
                wantedPlace.map { "at place \($0 + 1), rank \(wanted[$0].rank) with \(wanted[$0].score)" } ?? "nowhere"
            note(
                "Redis shows it \(isRepeated ? "twice, " : "")at place \(place + 1), rank \(row.rank) with "
                    + "\(row.score); by the store it is \(stored)",
                row.key, &differing)
        }
        for row in wanted where !shown.contains(row.key) {
            note("Redis does not show it; by the store it has rank \(row.rank) with \(row.score)", row.key, &differing)
        }
    }

    private func note(_ difference: String, _ key: KeyIndex, _ differing: inout [KeyIndex: String]) {
        if differing[key] == nil { differing[key] = difference }
    }

    /// The reference: the store's rows in the board's order, with their ranks.
    private func ranking(_ board: Board, _ rows: [KeyIndex: StoreImage.Score]) -> [SharedJournals.Row] {
        let sorted = rows.sorted { left, right in
            if left.value.score != right.value.score { return left.value.score > right.value.score }
            switch board {
            case .best: return left.value.reached < right.value.reached
            case .sum, .rewards:
                return evidence.keys.bytes(right.key).lexicographicallyPrecedes(evidence.keys.bytes(left.key))
            }
        }
        var ranking: [SharedJournals.Row] = []
        for (place, (key, row)) in sorted.enumerated() {
            let before = ranking.last
            let rank =
                if board != .best, let before, before.score == row.score {
                    before.rank
                } else {
                    board == .rewards ? (before?.rank ?? 0) + 1 : Int64(place + 1)
                }
            ranking.append(SharedJournals.Row(key: key, rank: rank, score: row.score))
        }
        return ranking
    }
}
