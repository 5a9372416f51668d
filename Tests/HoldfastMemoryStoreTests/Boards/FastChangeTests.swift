import HoldfastStorage
import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct FastChangeTests {
    @Test("a joined change does what its parts do one after the other, whatever is stored")
    func joins() {
        var random = SeededGenerator(seed: 3)
        let numbers: [Int64] = [.min, -7, -1, 0, 1, 2, 9, .max - 1, .max]
        var joinedSome = 0
        for _ in 0..<30_000 {
            let rule = ScoreRule(
                order: .allCases.randomElement(using: &random)!,
                subscoreOrder: .allCases.randomElement(using: &random)!,
                scoreOperator: .allCases.randomElement(using: &random)!,
                subscoreOperator: ([nil] + ScoreOperator.allCases).randomElement(using: &random)!)
            func pair() -> ScorePair {
                ScorePair(
                    score: numbers.randomElement(using: &random)!, subscore: numbers.randomElement(using: &random)!)
            }
            let stored = Bool.random(using: &random) ? pair() : nil
            let (first, second) = (pair(), pair())
            let change = FastChange(pair: first, rule: rule, metadata: [1])
            guard let joined = change.joined(with: FastChange(pair: second, rule: rule, count: 2)) else { continue }
            // What Redis refused is never joined: both had a result there.
            guard let between = rule.meet(stored: stored, submitted: first),
                let wanted = rule.meet(stored: between, submitted: second)
            else { continue }
            joinedSome += 1
            #expect(rule.meet(stored: stored, submitted: joined.pair) == wanted)
            #expect(joined.count == 3 && joined.metadata == [1])
        }
        #expect(joinedSome > 10_000)
    }

    @Test("changes of other operators, and sums that could pass a limit, stay apart")
    func staysApart() {
        func change(_ score: Int64, _ word: ScoreOperator) -> FastChange {
            FastChange(pair: ScorePair(score: score, subscore: 0), rule: ScoreRule(scoreOperator: word))
        }
        #expect(change(1, .increment).joined(with: change(1, .set)) == nil)
        #expect(change(5, .increment).joined(with: change(-5, .increment)) == nil)
        #expect(change(.max, .increment).joined(with: change(1, .increment)) == nil)
        var many = change(1, .increment)
        many.count = ScoreSubmission.maximumCount
        #expect(many.joined(with: change(1, .increment)) == nil)
    }
}
