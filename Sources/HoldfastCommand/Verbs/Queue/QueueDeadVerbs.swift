import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct QueueDeadVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "List dead letters, the newest first: read as often as may be, never removed.",
        discussion: "Example: holdfast queue dead orders")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The queue.")
    var name: String

    @Option(help: ArgumentHelp("The most rows, 1 to 100.", valueName: "count"))
    var limit = 100

    @Option(help: ArgumentHelp("Begin after the letter with this id, the last of the page before.", valueName: "id"))
    var after: String?

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        try QueueCommand.check(limit, option: "--limit")
        let (limit, after) = (limit, try after.map { try QueueCommand.id($0, of: "a cursor of this list") })
        let (letters, hasMore) = try await QueueCommand.with(name, invocation) { queue in
            let letters = try await queue.deadLetters(limit, after: after)
            guard letters.count == limit, let last = letters.last else { return (letters, false) }
            return (letters, try await !queue.deadLetters(1, after: last.id).isEmpty)
        }
        let next = hasMore ? letters.last.map { "\($0.id)" } : nil
        let rows = try letters.map { letter -> OutputValue in
            [
                "id": .string("\(letter.id)"), "value": try letter.value.map { try MapValue.output($0) } ?? .null,
                "priority": .number(letter.priority), "attempts": .integer(Int64(letter.attempts)),
                "addedAt": .time(letter.addedAtMillis), "diedAt": .time(letter.diedAtMillis),
                "durable": .bool(letter.isDurable),
            ]
        }
        try invocation.output.print(.page(rows, next: next)) {
            guard !letters.isEmpty else { return "no dead letters" }
            var table = Table("ID", "PRIORITY", "ATTEMPTS", "DIED", "VALUE")
            for letter in letters {
                table.add(
                    "\(letter.id)", QueueCommand.text(letter.priority), "\(letter.attempts)",
                    Timestamp.text(millis: letter.diedAtMillis),
                    letter.value.flatMap { try? MapValue.text($0) } ?? "?")
            }
            return table.text + (next.map { "\nmore: --after \($0)" } ?? "")
        }
    }
}

struct QueueRequeueVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "requeue", abstract: "Put dead letters back to the end of the queue, with no attempts.",
        discussion: """
            A durable one comes back under a new id. Example:
              holdfast queue requeue orders 8f14e45fceea167a5a36dedd4bea2543 --ttl 1h
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The queue.")
    var name: String

    @Argument(help: "The letters, as queue dead prints them; 1 to 100.")
    var ids: [String]

    @Option(
        help: ArgumentHelp(
            "How long until they expire, 1ms to 45d (default: as long as each had at first).", valueName: "duration"))
    var ttl: String?

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let letters = try ids.map { try QueueCommand.id($0, of: "the id of a dead letter") }
        let life = try ttl.map { text in
            guard let duration = DurationText.parse(text) else {
                throw CommandError.usage("--ttl: expected a duration such as 500ms, 30s or 7d")
            }
            return duration
        }
        let count = try await QueueCommand.with(name, key: ids.count == 1 ? ids[0] : nil, invocation) { queue in
            // Looked at before they are gone; older ones are brought by the next process.
            let newest = (try? await queue.deadLetters()) ?? []
            let count = try await queue.requeue(letters, expiresAfter: life)
            guard count > 0 else { throw CommandError(.notFound, "there is no such dead letter") }
            // Durable ones went through the store; where Redis cannot take them now, the next process brings them.
            if newest.contains(where: { $0.isDurable && letters.contains($0.id) }) { try? await queue.synchronize() }
            return count
        }
        try invocation.output.print(["requeued": .integer(Int64(count))]) {
            "requeued \(count) of \(letters.count)"
        }
    }
}
