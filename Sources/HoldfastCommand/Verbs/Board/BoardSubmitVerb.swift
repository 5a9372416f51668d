import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct BoardSubmitVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Submit a member's score with --fast and print its row.",
        discussion: "Example: holdfast board submit arena ada 1200 --subscore 3")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var place: BoardMemberArguments

    @Argument(help: "A whole number within Int64.")
    var score: Int64

    @OptionGroup var options: BoardSubmitOptions

    @Option(help: ArgumentHelp("What ranks it among equal scores.", valueName: "number"))
    var subscore: Int64 = 0

    func perform(_ invocation: Invocation) async throws {
        let submission = BoardSubmission(
            member: try BoardAccess.member(place.member), score: score, subscore: subscore,
            scoreOperator: try options.scoreOperator)
        let row = try await BoardAccess.with(place.name, member: place.member, invocation) { board in
            switch try await options.submit([submission], to: board).first {
            case .accepted: break
            case .refused(let refusal): throw options.error(refusal)
            case nil: throw CommandError(.internalError, "the score had no outcome")
            }
            guard let row = try await board.rank(of: submission.member) else {
                throw CommandError(.notFound, "the score was taken, and then removed by somebody else")
            }
            return row
        }
        try invocation.output.print(row.document) {
            "\(TerminalText.escaped(place.member)) is rank \(row.rank) with \(row.score)"
                + (row.subscore == 0 ? "" : " and \(row.subscore)")
        }
    }
}

/// How scores reach a board.
struct BoardSubmitOptions: ParsableArguments {
    @Option(
        name: .customLong("operator"),
        help: ArgumentHelp("best, set, incr or decr; the board's own without it.", valueName: "operator"))
    var operatorName: String?

    @Flag(help: "Return as soon as Redis has it; it is lost with Redis.")
    var fast = false

    /// - Throws: ``CommandError`` with code `usage`.
    var scoreOperator: ScoreOperator? {
        get throws {
            guard let operatorName else { return nil }
            guard let known = ScoreOperator(rawValue: operatorName) else {
                let words = ScoreOperator.allCases.map(\.rawValue).joined(separator: ", ")
                throw CommandError.usage("--operator takes one of \(words), not \(operatorName.debugDescription)")
            }
            return known
        }
    }

    /// Submits to Redis.
    ///
    /// - Throws: ``CommandError`` with code `usage` without `--fast`: no score is taken for durable that is not.
    func submit(_ submissions: [BoardSubmission], to board: Board) async throws -> [BoardOutcome] {
        guard fast else {
            throw CommandError.usage(
                "say --fast: this verb's scores are Redis' alone; durable ones are submitted by servers")
        }
        return try await board.submitFast(submissions)
    }

    /// Why a submission was refused.
    func error(_ refusal: ScoreOutcome.Refusal) -> CommandError {
        switch refusal {
        case .overflow: CommandError(.badInput, "the score would leave the range of Int64; nothing was changed")
        case .noSubmissionsLeft: CommandError(.held, "the member has used up its attempts", isRetriable: false)
        case .full: CommandError(.held, "the board is full", isRetriable: false)
        case .notAMember: CommandError(.notFound, "the member has not joined")
        case .superseded: CommandError(.held, "a newer score is there already", isRetriable: false)
        case .outsideWindow: CommandError(.held, "the board takes no scores at this time", isRetriable: false)
        case .hasSubmitted: CommandError(.held, "the member has submitted, so it cannot leave", isRetriable: false)
        }
    }
}
