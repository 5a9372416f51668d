import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct BoardSubmitVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Submit a member's score, durably unless --fast, and print its row.",
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
            scoreOperator: options.scoreOperator)
        let result = try await BoardAccess.with(place.name, member: place.member, invocation) { board in
            switch try await options.submit([submission], to: board, ranked: true).first {
            case .accepted(let score, _): return score
            case .refused(let refusal): throw options.error(refusal)
            case nil: throw CommandError(.internalError, "the score had no outcome")
            }
        }
        try invocation.output.print([
            "rank": .optional(result.rank), "member": .string(place.member), "score": .integer(result.score),
            "subscore": .integer(result.subscore),
        ]) {
            "\(TerminalText.escaped(place.member)) \(result.rank.map { "is rank \($0)" } ?? "has no rank yet,")"
                + " with \(result.score)" + (result.subscore == 0 ? "" : " and \(result.subscore)")
        }
    }
}

/// How scores reach a board.
struct BoardSubmitOptions: ParsableArguments {
    @Option(
        name: .customLong("operator"),
        help: ArgumentHelp("best, set, incr or decr; the board's own without it.", valueName: "operator"))
    var scoreOperator: ScoreOperator?

    @Flag(help: "Submit to Redis first; the store follows before the command ends.")
    var fast = false

    /// Submits to the store, or with `--fast` to Redis.
    ///
    /// - Parameter ranked: Whether to return ranks too, where Redis has them in time.
    func submit(
        _ submissions: [BoardSubmission], to board: Board, ranked: Bool = false
    ) async throws -> [BoardOutcome] {
        fast
            ? try await board.submitFast(submissions, ranked: ranked)
            : try await board.submit(submissions, ranked: ranked)
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
