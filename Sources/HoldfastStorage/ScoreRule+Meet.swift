/// A score with the subscore that ranks it among equal scores.
public struct ScorePair: Sendable, Hashable {
    /// What a board ranks by.
    public var score: Int64
    /// What it ranks equal scores by.
    public var subscore: Int64

    /// Joins the two numbers.
    public init(score: Int64, subscore: Int64) {
        self.score = score
        self.subscore = subscore
    }
}

extension ScoreRule {
    /// Joins a submitted pair with the stored one; nil when a sum would leave the range of Int64.
    ///
    /// Pure: every store and every script that applies scores agrees with it.
    ///
    /// - Parameters:
    ///   - stored: What is there; nil for a member that is not.
    ///   - submitted: What was sent.
    public func meet(stored: ScorePair?, submitted: ScorePair) -> ScorePair? {
        if scoreOperator == .best, subscoreOperator == nil {
            guard let stored, !isBetter(submitted, than: stored) else { return submitted }
            return stored
        }
        guard let score = scoreOperator.meet(stored?.score, submitted.score, order) else { return nil }
        guard let subscoreOperator else { return ScorePair(score: score, subscore: submitted.subscore) }
        guard let subscore = subscoreOperator.meet(stored?.subscore, submitted.subscore, subscoreOrder) else {
            return nil
        }
        return ScorePair(score: score, subscore: subscore)
    }

    /// Whether a pair ranks above another one: by its score, and among equal scores by its subscore.
    public func isBetter(_ pair: ScorePair, than other: ScorePair) -> Bool {
        pair.score == other.score
            ? subscoreOrder.isBetter(pair.subscore, than: other.subscore)
            : order.isBetter(pair.score, than: other.score)
    }
}

extension ScoreOrder {
    /// Whether a number ranks above another one.
    public func isBetter(_ number: Int64, than other: Int64) -> Bool {
        self == .descending ? number > other : number < other
    }
}

extension ScoreOperator {
    /// Joins a submitted number with the stored one; nil when the result would leave the range of Int64.
    fileprivate func meet(_ stored: Int64?, _ submitted: Int64, _ order: ScoreOrder) -> Int64? {
        switch self {
        case .set: return submitted
        case .best:
            guard let stored, !order.isBetter(submitted, than: stored) else { return submitted }
            return stored
        case .increment:
            let (sum, overflows) = (stored ?? 0).addingReportingOverflow(submitted)
            return overflows ? nil : sum
        case .decrement:
            let (difference, overflows) = (stored ?? 0).subtractingReportingOverflow(submitted)
            guard overflows else { return max(0, difference) }
            // Subtracting a negative number leaves the range above; a positive one below, where 0 is the floor.
            return submitted < 0 ? nil : 0
        }
    }
}
