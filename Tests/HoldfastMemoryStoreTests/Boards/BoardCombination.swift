import HoldfastMemoryStore
import HoldfastStorage
import ModelTesting

/// One of the kinds of board that tests go through.
struct BoardCombination: Sendable, CustomStringConvertible {
    let rules: BoardRules

    var description: String {
        "\(rules.order.rawValue) \(rules.subscoreOrder.rawValue) \(rules.ties.rawValue) \(rules.ranks.rawValue) "
            + "subscore \(rules.subscoreOperator?.rawValue ?? "with score"), \(rules.shards) shards"
    }

    /// Every order, tie, style and sharding; each with another operator and order of subscores.
    static let all: [BoardCombination] = {
        var combinations: [BoardCombination] = []
        let operators: [ScoreOperator?] = [nil, .best, .set, .increment, .decrement]
        for shards in [1, 3] {
            for order in ScoreOrder.allCases {
                for ties in BoardRules.Ties.allCases {
                    for ranks in BoardRules.Ranks.allCases {
                        let number = combinations.count
                        combinations.append(
                            BoardCombination(
                                rules: BoardRules(
                                    order: order,
                                    subscoreOrder: number.isMultiple(of: 3) ? order : ScoreOrder.allCases[number % 2],
                                    subscoreOperator: operators[number % operators.count], ties: ties, ranks: ranks,
                                    shards: shards, countsSubmissions: true)))
                    }
                }
            }
        }
        return combinations
    }()
}

/// Numbers that are worth trying.
enum ScoreSamples {
    /// The ends of every range that something holds exactly.
    static let edges: [Int64] = {
        let large: Int64 = 1 << 53
        return [
            0, 1, -1, .max, .max - 1, .max - 512, .max - 513, .min, .min + 1, .min + 513, large - 1, large, large + 1,
            large + 2, -large + 1, -large, -large - 1, -large - 2, 1 << 62, (1 << 62) + 1, -(1 << 62) - 1, 1 << 32,
            (1 << 32) - 1, -(1 << 32), -(1 << 32) - 1,
        ]
    }()

    /// Small numbers mostly, so that there are ties, and now and then an edge.
    static func few(using generator: inout SeededGenerator) -> Int64 {
        generator.happens(0.15) ? generator.one(of: edges) : Int64(generator.number(in: -2...3))
    }

    /// Any number, of any length.
    static func any(using generator: inout SeededGenerator) -> Int64 {
        Int64(bitPattern: generator.next()) >> Int64(generator.number(in: 0...63))
    }
}
