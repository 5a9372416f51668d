import HoldfastMemoryStore
import HoldfastStorage
import ModelTesting

/// The same histories with scores alone, so that they take the cheap way as long as no score grows beyond 2^53.
struct PlainBoardSubject: ModelSubject {
    typealias Operation = BoardSubject.Operation

    private var subject: BoardSubject

    init(_ board: Board) {
        subject = BoardSubject(board)
    }

    /// Every kind of board that has a cheap way.
    static let combinations: [BoardCombination] = [1, 3].flatMap { shards in
        ScoreOrder.allCases.flatMap { order in
            [BoardRules.Ranks.unique, .competition].flatMap { ranks in
                [true, false].map { counts in
                    BoardCombination(
                        rules: BoardRules(order: order, ranks: ranks, shards: shards, countsSubmissions: counts))
                }
            }
        }
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        switch BoardSubject.draw(using: &generator) {
        case .submit(let submissions):
            let scoreOperator = generator.one(of: [nil, .best, .set, .increment, .decrement] as [ScoreOperator?])
            let isLarge = generator.happens(0.05)
            return .submit(
                submissions.map { submission in
                    let small = Int64(generator.number(in: -2...3))
                    return BoardSubmission(
                        member: submission.member,
                        score: isLarge ? generator.one(of: [1, -1]) * ((1 << 53) - 1) + small.signum() : small,
                        scoreOperator: scoreOperator)
                })
        case .setMetadata(let member, _): return .rank(member)
        case let operation: return operation
        }
    }

    mutating func apply(_ operation: Operation) async throws {
        try await subject.apply(operation)
    }

    mutating func finish() async throws {
        try await subject.finish()
    }
}
