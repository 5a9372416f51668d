import ArgumentParser
import HoldfastMemoryStore

struct QueueSizeVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "size", abstract: "Count the items that have not expired, without dead letters.",
        discussion: "Example: holdfast queue size orders --exclude-invisible")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The queue.")
    var name: String

    @Flag(help: "Leave out items that somebody has read and not yet removed.")
    var excludeInvisible = false

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let size = try await QueueCommand.with(name, bringing: true, invocation) { [excludeInvisible] queue in
            try await queue.size(excludingInvisible: excludeInvisible)
        }
        try invocation.output.print(["size": .integer(Int64(size))]) { "\(size)" }
    }
}

struct QueuePeekVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "peek", abstract: "Show the next items and leave them to others.",
        discussion: "Example: holdfast queue peek orders --count 10")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The queue.")
    var name: String

    @Option(help: ArgumentHelp("The most items, 1 to 100.", valueName: "count"))
    var count = 1

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        try QueueCommand.check(count, option: "--count")
        let items = try await QueueCommand.with(name, bringing: true, invocation) { [count] queue in
            try await queue.peek(count)
        }
        let rows = try items.map { item -> OutputValue in
            [
                "id": .string("\(item.id)"), "value": try MapValue.output(item.value),
                "priority": .number(item.priority), "attempts": .integer(Int64(item.attempts)),
                "addedAt": .time(item.addedAtMillis), "expiresAt": .time(item.expiresAtMillis),
                "durable": .bool(item.isDurable),
            ]
        }
        try invocation.output.print(.page(rows)) {
            guard !items.isEmpty else { return "no items" }
            var table = Table("ID", "PRIORITY", "ATTEMPTS", "EXPIRES", "VALUE")
            for item in items {
                table.add(
                    "\(item.id)", QueueCommand.text(item.priority), "\(item.attempts)",
                    Timestamp.text(millis: item.expiresAtMillis),
                    (try? MapValue.text(item.value)) ?? "")
            }
            return table.text
        }
    }
}
