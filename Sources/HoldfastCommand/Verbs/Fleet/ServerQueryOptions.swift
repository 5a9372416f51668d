import ArgumentParser
import HoldfastCoordination
import HoldfastStorage

/// Which servers `server list` shows; all of them without any flag.
struct ServerQueryOptions: ParsableArguments {
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only servers whose status has this value at this place: map=arena, custom.region=eu. The value is JSON, "
                + "or a text as it stands.", valueName: "path=value"))
    var conditions: [String] = []

    @Option(help: ArgumentHelp("Only servers that take this many players more.", valueName: "count"))
    var room: Int?

    @Flag(help: "Only servers that are not draining; --room implies it.")
    var serving = false

    @Option(
        help: ArgumentHelp(
            "What comes first: \(ServerQuery.Order.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "order"))
    var sort = ServerQuery.Order.id

    @Option(help: ArgumentHelp("The most rows.", valueName: "count"))
    var limit: Int?

    var query: ServerQuery {
        get throws {
            guard room ?? 1 > 0 else { throw CommandError.usage("--room: expected 1 or more") }
            guard limit ?? 1 > 0 else { throw CommandError.usage("--limit: expected 1 or more") }
            return ServerQuery(
                room: room ?? 0, conditions: try conditions.map { try Self.condition($0) },
                includesDraining: !serving && room == nil, order: sort, limit: limit)
        }
    }

    private static func condition(_ text: String) throws -> ServerQuery.Condition {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw CommandError.usage("--where: expected a place and a value, for example mode=ranked")
        }
        let value = (try? CanonicalJSON.parse(Array(parts[1].utf8))) ?? .string(parts[1])
        return .init(parts[0], equals: value)
    }
}

extension ServerQuery.Order: ExpressibleByArgument {}
