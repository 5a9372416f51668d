import ArgumentParser
import HoldfastMemoryStore

struct QueueAddVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add an item. Fast, unless --durable.",
        discussion: "Example: holdfast queue add orders '{\"item\":\"sword\"}' --ttl 1h --priority 5")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The queue, 1 to 128 characters.")
    var name: String

    @Argument(help: "The value: JSON, at most 32 KiB; a negative number stands last, after --.")
    var value: String

    @OptionGroup var life: LifeOption

    @Option(parsing: .unconditional, help: ArgumentHelp("Higher ones are read first.", valueName: "number"))
    var priority = 0.0

    @Flag(help: "Keep it in the store, too, until it is removed: it outlives the loss of Redis.")
    var durable = false

    func perform(_ invocation: Invocation) async throws {
        let (life, priority, isDurable) = (try life.duration, priority, durable)
        guard priority.isFinite else { throw CommandError.usage("--priority: expected a finite number") }
        let value = try MapValue.parse(value, "VALUE")
        // A durable item is refused where others wait for room in Redis already.
        let id = try await QueueCommand.with(name, bringing: isDurable, invocation) { queue in
            let id = try await queue.add(value, expiresAfter: life, priority: priority, durable: isDurable)
            // The store has it; where Redis cannot take it now, the next process brings it.
            if isDurable { try? await queue.synchronize() }
            return id
        }
        try invocation.output.print(["id": .string("\(id)"), "durable": .bool(isDurable)]) {
            "added \(isDurable ? "durable item" : "item") \(id)"
        }
    }
}
