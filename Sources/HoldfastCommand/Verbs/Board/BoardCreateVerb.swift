import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct BoardCreateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a board, or find it in place with the same settings.",
        discussion: """
            The settings are fixed from then on; a board that exists with others is refused. Example:
              holdfast board create arena --ties first --reset weekly
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The board: 1 to 128 bytes without control characters.")
    var name: String

    @Option(help: ArgumentHelp("desc: more is better; asc: less is.", valueName: "order"))
    var order = ScoreOrder.descending

    @Option(
        name: .customLong("operator"),
        help: ArgumentHelp("What a score does to the stored one: best, set, incr or decr.", valueName: "operator"))
    var scoreOperator = ScoreOperator.best

    @Option(help: ArgumentHelp("Who comes first among equals: id or first to reach it.", valueName: "ties"))
    var ties = BoardRules.Ties.id

    @Option(help: ArgumentHelp("The ranks of equals: unique, dense or competition.", valueName: "ranks"))
    var ranks = BoardRules.Ranks.unique

    @Option(
        help: ArgumentHelp(
            "When a new season starts, in UTC: never, daily, weekly, monthly or a cron expression of five fields.",
            valueName: "cron"))
    var reset = "never"

    @Option(help: ArgumentHelp("Parts on a cluster, 1 to \(BoardRules.maximumShards).", valueName: "number"))
    var shards = 1

    func perform(_ invocation: Invocation) async throws {
        let settings: BoardSettings
        do throws(MemoryStoreError) {
            settings = BoardSettings(
                rules: BoardRules(order: order, scoreOperator: scoreOperator, ties: ties, ranks: ranks, shards: shards),
                schedule: try ResetSchedule(reset))
        } catch {
            throw CommandError.usage("--reset: \(error.message)")
        }
        let name = name
        let info = try await Backends.withMemory(invocation) { memory in
            do throws(MemoryStoreError) {
                return try await memory.createBoard(name, settings).info()
            } catch {
                guard error.code == .conflict else { throw error }
                throw CommandError(.badInput, error.message, key: name, exitCode: .cannotCreate)
            }
        }
        try invocation.output.print(info.document) { "board \(TerminalText.escaped(name)) is there" }
    }
}

extension ScoreOrder: ExpressibleByArgument {}
extension ScoreOperator: ExpressibleByArgument {}
extension BoardRules.Ties: ExpressibleByArgument {}
extension BoardRules.Ranks: ExpressibleByArgument {}
