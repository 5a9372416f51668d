import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct TicketCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticket", abstract: "Let parties wait for a match, which a server's matchmaker makes. Fast.",
        discussion: "Example: holdfast ticket add ranked ticket-17 ada bob --number skill=1200 --wait 1m",
        subcommands: [TicketAddVerb.self, TicketListVerb.self, TicketCancelVerb.self])

    /// Opens the pool for the time of `body`; failures name the ticket.
    static func with<Result: Sendable>(
        _ name: String, ticket: String? = nil, _ invocation: Invocation,
        _ body: @escaping @Sendable (TicketPool) async throws -> Result
    ) async throws -> Result {
        do {
            return try await Backends.withMemory(invocation) { try await body(try $0.tickets(name)) }
        } catch {
            throw CommandError(error, key: ticket)
        }
    }

    /// The fields that describe a ticket.
    static func document(_ ticket: Ticket) -> [OutputValue.Field] {
        func object(_ fields: [(String, OutputValue)]) -> OutputValue {
            .object(fields.sorted { $0.0 < $1.0 }.map { OutputValue.Field(name: $0.0, value: $0.1) })
        }
        return [
            .init(name: "id", value: .string(ticket.id)),
            .init(name: "players", value: .array(ticket.players.map { .string($0) })),
            .init(name: "numbers", value: object(ticket.numbers.map { ($0.key, .number($0.value)) })),
            .init(name: "texts", value: object(ticket.texts.map { ($0.key, .string($0.value)) })),
        ]
    }
}
