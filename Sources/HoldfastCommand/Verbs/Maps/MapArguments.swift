import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

/// The two arguments that name an item of a map.
struct MapItemArgument: ParsableArguments {
    @Argument(help: "The map.")
    var name: String

    @Argument(help: "The item's key, 1 to 128 characters.")
    var key: String
}

/// `--ttl` of what expires by itself.
struct LifeOption: ParsableArguments {
    @Option(help: ArgumentHelp("How long until it expires, 1ms to 45d.", valueName: "duration"))
    var ttl: String

    var duration: Duration {
        get throws {
            guard let duration = DurationText.parse(ttl) else {
                throw CommandError.usage("--ttl: expected a duration such as 500ms, 30s or 7d")
            }
            return duration
        }
    }
}

/// `--sort-key`: a number, or a text.
struct SortKeyOption: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "What orders the item: a number, or a text; a text that looks like a number goes in JSON quotes.",
            valueName: "number|text"))
    var sortKey: String?

    var value: SortKey? {
        get throws { try sortKey.map { try SortKeyText.parse($0, option: "--sort-key") } }
    }
}

/// `--limit` of a page of a map.
struct MapPageOption: ParsableArguments {
    @Option(help: ArgumentHelp("The most rows, 1 to 200.", valueName: "count"))
    var limit = 100

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Begin after the page that ended with this cursor.", valueName: "cursor"))
    var after: String?

    func check() throws {
        guard (1...200).contains(limit) else { throw CommandError.usage("--limit: expected 1 to 200") }
    }
}
