import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct BoardSubmitVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Submit a member's score, durably unless --fast, and print its row.",
        discussion: """
            The score may be negative. Example:
              holdfast board submit arena ada 1200 --subscore 3
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var place: BoardMemberArguments

    /// One number, perhaps behind `--`: only in an array of this kind may words begin with a dash.
    @Argument(
        parsing: .allUnrecognized, help: ArgumentHelp("One whole number within Int64.", valueName: "score"))
    var scores: [String]

    @OptionGroup var options: BoardSubmitOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("What ranks it among equal scores.", valueName: "number"))
    var subscore: Int64 = 0

    private var score: Int64 {
        get throws {
            let words = scores.filter { $0 != "--" }
            guard words.count == 1, let score = Int64(words[0]) else {
                throw ValidationError("expected one score, a whole number within Int64, not \(words)")
            }
            return score
        }
    }

    func validate() throws { _ = try score }

    func perform(_ invocation: Invocation) async throws {
        let patience = invocation.settings.timeout
        let submission = BoardSubmission(
            member: try BoardAccess.member(place.member), score: try score, subscore: subscore,
            scoreOperator: options.scoreOperator)
        let result = try await BoardAccess.with(place.name, member: place.member, invocation) { board in
            switch try await options.submit([submission], to: board, ranked: true, patience: patience).first {
            case .accepted(let score, _):
                try await options.finish(board, patience: patience)
                return score
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
    /// - Parameters:
    ///   - ranked: Whether to return ranks too, where Redis has them in time.
    ///   - patience: How long to wait while too many fast scores are on their way to the store.
    func submit(
        _ submissions: [BoardSubmission], to board: Board, ranked: Bool = false, patience: Duration
    ) async throws -> [BoardOutcome] {
        guard fast else { return try await board.submit(submissions, ranked: ranked) }
        let deadline = ContinuousClock.now + patience
        while true {
            do throws(MemoryStoreError) {
                return try await board.submitFast(submissions, ranked: ranked)
            } catch {
                guard error.isFastScoresBehind, ContinuousClock.now < deadline else { throw error }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Waits until the store has all fast scores of this process.
    ///
    /// - Parameter patience: How long to wait while the store takes none of them.
    /// - Throws: ``CommandError`` with their number when it has not, also when the task is cancelled before.
    func finish(_ board: Board, patience: Duration) async throws(CommandError) {
        var left = board.fastScoresLeft
        var deadline = ContinuousClock.now + patience
        while left.unsaved > 0, ContinuousClock.now < deadline {
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { break }
            let now = board.fastScoresLeft
            if now.unsaved < left.unsaved { deadline = .now + patience }
            left = now
        }
        guard left.unsaved + left.lost == 0 else {
            throw CommandError(
                .outcomeUnknown, "\(left.unsaved + left.lost) fast scores had not reached the store in time",
                advice: "check that the store runs, and look at the board")
        }
    }

    /// Why a submission was refused.
    func error(_ refusal: ScoreOutcome.Refusal) -> CommandError {
        switch refusal {
        case .overflow: CommandError(.badInput, "the score would leave the range of Int64; nothing was changed")
        case .noSubmissionsLeft:
            CommandError(.held, "the member has used up its attempts", isRetriable: false, exitCode: .failed)
        case .full: CommandError(.held, "the board is full", isRetriable: false)
        case .notAMember: CommandError(.notFound, "the member has not joined")
        case .superseded: CommandError(.held, "a newer score is there already", isRetriable: false)
        case .outsideWindow: CommandError(.held, "the board takes no scores at this time", isRetriable: false)
        case .hasSubmitted: CommandError(.held, "the member has submitted, so it cannot leave", isRetriable: false)
        }
    }
}
