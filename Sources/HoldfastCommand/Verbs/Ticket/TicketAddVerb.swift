import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct TicketAddVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a party's ticket, and with --wait print its match.",
        discussion: """
            Adding the same ticket twice is refused; use a fresh id for every search. Example:
              holdfast ticket add ranked ticket-17 ada bob --number skill=1200 --text region=eu --wait 1m
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The pool, 1 to 128 characters.")
    var name: String

    @Argument(help: "The ticket's id, 1 to 128 characters.")
    var id: String

    @Argument(help: "The players of the party, 1 to 100; they stay together.")
    var players: [String]

    @Option(
        name: .customLong("number"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("What may differ within a tolerance; may be repeated.", valueName: "name=number"))
    var numbers: [String] = []

    @Option(
        name: .customLong("text"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("What must be equal where the rules say so; may be repeated.", valueName: "name=text"))
    var texts: [String] = []

    @Option(help: ArgumentHelp("How long it waits at most, 1ms to 1d (default: 5m).", valueName: "duration"))
    var ttl = "5m"

    @OptionGroup var waiting: WaitOption

    func deadline(timeout: Duration) throws -> Duration? { timeout + (try waiting.duration ?? .zero) }

    func perform(_ invocation: Invocation) async throws {
        guard let life = DurationText.parse(ttl) else {
            throw CommandError.usage("--ttl: expected a duration such as 500ms, 30s or 5m")
        }
        let ticket = Ticket(
            id: id, players: players,
            numbers: try TicketAttribute.parse(numbers, option: "--number") {
                Double($0).flatMap { $0.isFinite ? $0 : nil }
            },
            texts: try TicketAttribute.parse(texts, option: "--text") { $0 })
        let wait = try waiting.duration
        let state = try await TicketCommand.with(name, ticket: id, invocation) { pool in
            try await pool.add(ticket, expiresAfter: life)
            guard let wait else { return TicketState.waiting }
            return try await pool.wait(for: ticket.id, atMost: wait)
        }
        let found = TicketStateView(id: id, state: state)
        let document = try found.document
        try invocation.output.print(document) { found.text }
    }
}
