import ArgumentParser
import HoldfastMemoryStore

struct TicketListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tickets that wait, the one that waited longest first.",
        discussion: "Example: holdfast ticket list ranked")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The pool.")
    var name: String

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let tickets = try await TicketCommand.with(name, invocation) { try await $0.list() }
        let rows = tickets.map { waiting -> OutputValue in
            .object(
                TicketCommand.document(waiting.ticket) + [
                    .init(name: "waitedMillis", value: .millis(waiting.waited)),
                    .init(name: "remainingMillis", value: .millis(waiting.remaining)),
                ])
        }
        try invocation.output.print(.page(rows)) {
            guard !tickets.isEmpty else { return "no tickets" }
            var table = Table("TICKET", "WAITED", "PLAYERS")
            for waiting in tickets {
                table.add(
                    waiting.ticket.id, "\(Int(waiting.waited / .seconds(1)))s",
                    waiting.ticket.players.joined(separator: ", "))
            }
            return table.text
        }
    }
}
