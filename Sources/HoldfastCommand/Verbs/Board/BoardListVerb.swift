import ArgumentParser
import HoldfastMemoryStore

struct BoardListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the boards in the order of their names.",
        discussion: "Example: holdfast board list --starting-with arena")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Only names that begin with this.", valueName: "prefix"))
    var startingWith = ""

    @Option(help: ArgumentHelp("The most rows, 1 to 1000.", valueName: "count"))
    var limit = 100

    @Option(help: ArgumentHelp("Begin after the page that ended with this cursor.", valueName: "cursor"))
    var after: String?

    var createsStore: Bool { false }

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit: expected 1 to 1000") }
    }

    func perform(_ invocation: Invocation) async throws {
        let (prefix, limit, after) = (startingWith, limit, after)
        let (boards, next) = try await Backends.withMemory(invocation) { memory in
            let boards = try await memory.boards(startingWith: prefix, after: after, limit: limit)
            guard boards.count == limit, let last = boards.last?.name else { return (boards, String?.none) }
            let more = try await memory.boards(startingWith: prefix, after: last, limit: 1)
            return (boards, more.isEmpty ? nil : last)
        }
        try invocation.output.print(.page(boards.map(\.document), next: next)) {
            guard !boards.isEmpty else { return "no boards" }
            var table = Table("BOARD", "ORDER", "OPERATOR", "TIES", "RANKS", "SHARDS", "RESET", "NEXT RESET")
            for board in boards {
                let rules = board.settings.rules
                table.add(
                    board.name, rules.order.rawValue, rules.scoreOperator.rawValue, rules.ties.rawValue,
                    rules.ranks.rawValue, "\(rules.shards)", board.settings.schedule.description,
                    board.nextResetMillis.map { Timestamp.text(millis: $0) } ?? "-")
            }
            return table.text + (next.map { "\nmore: --after \($0)" } ?? "")
        }
    }
}

extension BoardInfo {
    /// The row that `create` and `list` print.
    var document: OutputValue {
        let rules = settings.rules
        return [
            "name": .string(name), "order": .string(rules.order.rawValue),
            "operator": .string(rules.scoreOperator.rawValue), "ties": .string(rules.ties.rawValue),
            "ranks": .string(rules.ranks.rawValue), "shards": .integer(Int64(rules.shards)),
            "reset": .string(settings.schedule.description), "season": .integer(season.id),
            "previousReset": previousResetMillis.map { .time($0) } ?? .null,
            "nextReset": nextResetMillis.map { .time($0) } ?? .null, "createdAt": .time(createdAtMillis),
        ]
    }
}
