import ArgumentParser
import HoldfastMemoryStore

struct TicketCancelVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Take a ticket out of the search: it will never be matched.",
        discussion: "Example: holdfast ticket cancel ranked ticket-17")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The pool.")
    var name: String

    @Argument(help: "The ticket's id.")
    var id: String

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        try await TicketCommand.with(name, ticket: id, invocation) { [id] pool in
            guard try await pool.cancel(id) else { throw CommandError(.notFound, "there is no such ticket") }
        }
        try invocation.output.print(["id": .string(id), "cancelled": true]) {
            "cancelled \(TerminalText.escaped(id))"
        }
    }
}
