import HoldfastStorage
import ModelTesting
import Testing

@Suite("Score rules")
struct ScoreRuleTests {
    struct Case: CustomTestStringConvertible {
        let rule: ScoreRule
        let stored: ScorePair?
        let submitted: ScorePair
        let result: ScorePair?
        let testDescription: String

        init(
            _ scoreOperator: ScoreOperator, _ subscoreOperator: ScoreOperator? = nil,
            _ orders: (ScoreOrder, ScoreOrder) = (.descending, .descending), stored: (Int64, Int64)?,
            submitted: (Int64, Int64), gives result: (Int64, Int64)?
        ) {
            func pair(_ numbers: (Int64, Int64)?) -> ScorePair? {
                numbers.map { ScorePair(score: $0.0, subscore: $0.1) }
            }
            self.rule = ScoreRule(
                order: orders.0, subscoreOrder: orders.1, scoreOperator: scoreOperator,
                subscoreOperator: subscoreOperator)
            self.stored = pair(stored)
            self.submitted = ScorePair(score: submitted.0, subscore: submitted.1)
            self.result = pair(result)
            let (has, gets) = (stored.map { "\($0)" } ?? "nothing", result.map { "\($0)" } ?? "overflow")
            self.testDescription =
                "\(scoreOperator)/\(subscoreOperator?.rawValue ?? "goes with it") \(orders): \(has), "
                + "\(submitted) gives \(gets)"
        }
    }

    static let cases: [Case] = [
        // best: the pair as one.
        Case(.best, stored: nil, submitted: (5, 1), gives: (5, 1)),
        Case(.best, stored: (5, 1), submitted: (6, 0), gives: (6, 0)),
        Case(.best, stored: (5, 1), submitted: (4, 9), gives: (5, 1)),
        Case(.best, stored: (5, 1), submitted: (5, 2), gives: (5, 2)),
        Case(.best, stored: (5, 1), submitted: (5, 1), gives: (5, 1)),
        Case(.best, nil, (.ascending, .descending), stored: (5, 1), submitted: (4, 0), gives: (4, 0)),
        Case(.best, nil, (.ascending, .descending), stored: (5, 1), submitted: (6, 9), gives: (5, 1)),
        Case(.best, nil, (.descending, .ascending), stored: (5, 2), submitted: (5, 1), gives: (5, 1)),
        Case(.best, nil, (.descending, .ascending), stored: (5, 1), submitted: (5, 2), gives: (5, 1)),
        Case(.best, stored: (.min, 0), submitted: (.max, 0), gives: (.max, 0)),
        // best: each field by itself.
        Case(.best, .best, stored: (5, 1), submitted: (4, 9), gives: (5, 9)),
        Case(.best, .best, (.ascending, .ascending), stored: (5, 1), submitted: (4, 9), gives: (4, 1)),
        Case(.best, .set, stored: (5, 1), submitted: (4, 9), gives: (5, 9)),
        Case(.best, .increment, stored: (5, 1), submitted: (6, 9), gives: (6, 10)),
        // set
        Case(.set, stored: (5, 1), submitted: (-7, -1), gives: (-7, -1)),
        Case(.set, .best, stored: (5, 3), submitted: (1, 2), gives: (1, 3)),
        // incr
        Case(.increment, stored: nil, submitted: (5, 1), gives: (5, 1)),
        Case(.increment, stored: (5, 1), submitted: (2, 9), gives: (7, 9)),
        Case(.increment, stored: (5, 1), submitted: (-9, 0), gives: (-4, 0)),
        Case(.increment, stored: (.max, 0), submitted: (1, 0), gives: nil),
        Case(.increment, stored: (.min, 0), submitted: (-1, 0), gives: nil),
        Case(.increment, stored: (.max - 1, 0), submitted: (1, 0), gives: (.max, 0)),
        Case(.increment, .increment, stored: (1, .max), submitted: (1, 1), gives: nil),
        // decr: never below 0.
        Case(.decrement, stored: nil, submitted: (5, 1), gives: (0, 1)),
        Case(.decrement, stored: (5, 1), submitted: (2, 9), gives: (3, 9)),
        Case(.decrement, stored: (5, 1), submitted: (7, 0), gives: (0, 0)),
        Case(.decrement, stored: (-5, 1), submitted: (-3, 0), gives: (0, 0)),
        Case(.decrement, stored: (5, 1), submitted: (-3, 0), gives: (8, 0)),
        Case(.decrement, stored: (.min, 0), submitted: (.max, 0), gives: (0, 0)),
        Case(.decrement, stored: (0, 0), submitted: (.min, 0), gives: nil),
        Case(.decrement, stored: (-1, 0), submitted: (.min, 0), gives: (.max, 0)),
        Case(.set, .decrement, stored: (1, 5), submitted: (2, 9), gives: (2, 0)),
    ]

    @Test("a submitted pair meets the stored one", arguments: cases)
    func meets(_ example: Case) {
        #expect(example.rule.meet(stored: example.stored, submitted: example.submitted) == example.result)
    }

    @Test("every rule keeps its promises over random histories")
    func keepsPromises() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let rule = ScoreRule(
                order: .allCases.randomElement(using: &random)!,
                subscoreOrder: .allCases.randomElement(using: &random)!,
                scoreOperator: .allCases.randomElement(using: &random)!,
                subscoreOperator: ([nil] + ScoreOperator.allCases).randomElement(using: &random)!)
            let numbers: [Int64] = [.min, .min + 1, -3, -1, 0, 1, 2, 7, .max - 1, .max]
            func pair() -> ScorePair {
                ScorePair(
                    score: numbers.randomElement(using: &random)!, subscore: numbers.randomElement(using: &random)!)
            }
            let (stored, submitted) = (pair(), pair())
            guard let result = rule.meet(stored: stored, submitted: submitted) else {
                // Only sums overflow.
                let operators = [rule.scoreOperator, rule.subscoreOperator]
                #expect(operators.contains(.increment) || operators.contains(.decrement))
                continue
            }
            switch rule.scoreOperator {
            case .best:
                #expect(!rule.order.isBetter(stored.score, than: result.score))
                #expect(!rule.order.isBetter(submitted.score, than: result.score))
                if rule.subscoreOperator == nil {
                    #expect([stored, submitted].contains(result) && !rule.isBetter(stored, than: result))
                    #expect(!rule.isBetter(submitted, than: result))
                }
            case .set: #expect(result.score == submitted.score)
            case .increment: #expect(result.score &- submitted.score == stored.score)
            case .decrement: #expect(result.score >= 0)
            }
            if rule.subscoreOperator == nil, rule.scoreOperator != .best {
                #expect(result.subscore == submitted.subscore)
            }
        }
    }
}
