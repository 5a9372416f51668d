import HoldfastStorage

/// One or more fast submissions of one member, on their way to the store as one.
struct FastChange: Sendable, Equatable {
    var pair: ScorePair
    let rule: ScoreRule
    /// Replaces what is kept with the member; nil keeps it.
    var metadata: [UInt8]?
    /// How many submissions it stands for.
    var count = 1

    /// What the store is asked to do.
    var action: ScoreSubmission.Action { .submit(score: pair.score, subscore: pair.subscore, rule: rule) }

    /// One change that does what this and then `next` would do; nil where there is none.
    func joined(with next: FastChange) -> FastChange? {
        guard rule == next.rule, count + next.count <= ScoreSubmission.maximumCount else { return nil }
        var joined = self
        joined.count += next.count
        joined.metadata = next.metadata ?? metadata
        if rule.scoreOperator == .best, rule.subscoreOperator == nil {
            if rule.isBetter(next.pair, than: pair) { joined.pair = next.pair }
            return joined
        }
        guard let score = Self.join(pair.score, next.pair.score, rule.scoreOperator, rule.order) else { return nil }
        joined.pair = ScorePair(score: score, subscore: next.pair.subscore)
        if let own = rule.subscoreOperator {
            guard let subscore = Self.join(pair.subscore, next.pair.subscore, own, rule.subscoreOrder) else {
                return nil
            }
            joined.pair.subscore = subscore
        }
        return joined
    }

    private static func join(_ first: Int64, _ second: Int64, _ word: ScoreOperator, _ order: ScoreOrder) -> Int64? {
        switch word {
        case .best: return order.isBetter(second, than: first) ? second : first
        case .set: return second
        case .increment, .decrement:
            // Amounts of one sign only: with both, the sum could pass over a refusal, or over the floor of 0.
            guard first >= 0 && second >= 0 else { return nil }
            let (sum, overflows) = first.addingReportingOverflow(second)
            return overflows ? nil : sum
        }
    }
}
