import ArgumentParser
import HoldfastMemoryStore

struct BoardSeasonsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "seasons", abstract: "List the seasons that have scores, the newest first.",
        discussion: """
            The id of one is what `board top --season` takes. Example:
              holdfast board seasons arena --limit 5
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The board.")
    var name: String

    @Option(help: ArgumentHelp("The most rows, 1 to 1000.", valueName: "count"))
    var limit = 100

    @Option(help: ArgumentHelp("Begin after the page that ended with this cursor.", valueName: "cursor"))
    var after: String?

    var createsStore: Bool { false }

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit: expected 1 to 1000") }
    }

    func perform(_ invocation: Invocation) async throws {
        let limit = limit
        let earlier = try after.map { text in
            guard let id = Int64(text) else { throw CommandError.usage("--after: not a cursor of this list") }
            return id
        }
        let (seasons, next) = try await BoardAccess.with(name, invocation) { board in
            let seasons = try await board.seasons(before: earlier, limit: limit)
            guard seasons.count == limit, let last = seasons.last?.season.id else { return (seasons, String?.none) }
            return (seasons, try await board.seasons(before: last, limit: 1).isEmpty ? nil : String(last))
        }
        try invocation.output.print(.page(seasons.map(\.document), next: next)) {
            guard !seasons.isEmpty else { return "no seasons with scores" }
            var table = Table("SEASON", "STARTS", "ENDS", "MEMBERS", "")
            for season in seasons {
                table.add(
                    "\(season.season.id)", season.season.id == 0 ? "-" : Timestamp.text(millis: season.season.id),
                    season.season.endsAtMillis.map { Timestamp.text(millis: $0) } ?? "-", "\(season.members)",
                    season.isCurrent ? "current" : "")
            }
            return table.text + (next.map { "\nmore: --after \($0)" } ?? "")
        }
    }
}

extension SeasonInfo {
    fileprivate var document: OutputValue {
        [
            "id": .integer(season.id), "startsAt": season.id == 0 ? .null : .time(season.id),
            "endsAt": season.endsAtMillis.map { .time($0) } ?? .null, "members": .integer(Int64(members)),
            "isCurrent": .bool(isCurrent),
        ]
    }
}
