/// The submissions of one member to one board.
struct Submissions {
    private var acknowledged: [Int64] = []
    private var unknown: [Int64] = []

    mutating func add(_ score: SharedJournals.Score) {
        switch score.fate {
        case .acknowledged: acknowledged.append(score.score)
        case .unknown: unknown.append(score.score)
        case .withdrawn: break
        }
    }

    /// What is wrong with the member's row in the store; nil for nothing.
    ///
    /// - Parameter takesBest: Whether the board keeps the best score; otherwise it adds them.
    func difference(from row: StoreImage.Score?, takesBest: Bool) -> String? {
        guard let row else {
            return acknowledged.isEmpty ? nil : "\(acknowledged.count) scores were acknowledged, the store has no row"
        }
        let counted = acknowledged.count...(acknowledged.count + unknown.count)
        guard counted.contains(Int(clamping: row.submissions)) else {
            return "the store counts \(row.submissions) submissions, \(acknowledged.count) were acknowledged and "
                + "\(unknown.count) may have taken effect"
        }
        return takesBest ? differenceFromBest(row.score) : differenceFromSum(row.score)
    }

    private func differenceFromBest(_ score: Int64) -> String? {
        let best = acknowledged.max() ?? .min
        guard score < best || !(acknowledged + unknown).contains(score) else { return nil }
        return "the store has \(score), \(best) was acknowledged"
    }

    private func differenceFromSum(_ score: Int64) -> String? {
        let sum = acknowledged.reduce(Int128(0)) { $0 + Int128($1) }
        let most = unknown.reduce(sum) { $0 + Int128($1) }
        guard !(sum...most).contains(Int128(score)) else { return nil }
        return "the store has \(score), \(sum) was acknowledged and \(most - sum) may have been added"
    }
}
