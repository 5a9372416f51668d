import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct QueueReadVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Take the next items; others do not see them until the time is over.",
        discussion: """
            Handle the items, then remove the batch by the id that is printed; otherwise they come back, and after ten \
            reads they become dead letters. Examples:
              holdfast queue read orders --count 10 --wait 30s --json
              holdfast queue read teams --count 4 --all-or-nothing --invisible 2m
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The queue.")
    var name: String

    @Option(help: ArgumentHelp("The most items, 1 to 100.", valueName: "count"))
    var count = 1

    @Flag(help: "Take exactly --count items, or none.")
    var allOrNothing = false

    @OptionGroup var waiting: WaitOption

    @Option(help: ArgumentHelp("How long others do not see them, 1ms to 45d (default: 30s).", valueName: "duration"))
    var invisible: String?

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { timeout + (try waiting.duration ?? .zero) }

    func perform(_ invocation: Invocation) async throws {
        try QueueCommand.check(count, option: "--count")
        let (count, allOrNothing, wait) = (count, allOrNothing, try waiting.duration ?? .zero)
        let invisible = try invisible.map { text in
            guard let duration = DurationText.parse(text) else {
                throw CommandError.usage("--invisible: expected a duration such as 500ms, 30s or 5m")
            }
            return duration
        }
        let batch = try await QueueCommand.with(name, bringing: true, invocation) { queue in
            try await queue.read(
                count, allOrNothing: allOrNothing, waitingUpTo: wait, invisibleFor: invisible)
        }
        let items = try (batch?.items ?? []).map { item -> OutputValue in
            [
                "value": try MapValue.output(item.value), "priority": .number(item.priority),
                "attempts": .integer(Int64(item.attempts)),
            ]
        }
        let document: OutputValue = ["id": .optional(batch.map { "\($0.id)" }), "items": .array(items)]
        try invocation.output.print(document) {
            guard let batch else { return "no items" }
            var table = Table("PRIORITY", "ATTEMPTS", "VALUE")
            for item in batch.items {
                table.add(QueueCommand.text(item.priority), "\(item.attempts)", (try? MapValue.text(item.value)) ?? "")
            }
            return "batch \(batch.id)\n\(table.text)"
        }
    }
}
