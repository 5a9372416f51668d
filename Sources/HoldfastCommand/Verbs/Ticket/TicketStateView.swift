import HoldfastMemoryStore
import HoldfastStorage

/// What has become of a ticket, for scripts and for people.
struct TicketStateView {
    let id: String
    let state: TicketState

    /// `state` is waiting, matched, cancelled or absent; `match` is null unless it is matched.
    var document: OutputValue {
        get throws {
            var match = OutputValue.null
            if case .matched(let found) = state {
                match = [
                    "id": .string(found.id),
                    "tickets": .array(found.tickets.map { .object(TicketCommand.document($0)) }),
                    "details": try found.details.map { try MapValue.output($0) } ?? .null,
                ]
            }
            return ["id": .string(id), "state": .string(word), "match": match]
        }
    }

    var text: String {
        let name = "ticket \(TerminalText.escaped(id))"
        switch state {
        case .waiting: return "\(name) waits"
        case .cancelled: return "\(name) is cancelled"
        case .absent: return "\(name) is gone: it expired, or Redis lost it"
        case .matched(let match):
            let players = match.players.map { TerminalText.escaped($0) }.joined(separator: ", ")
            let details = match.details.flatMap { try? MapValue.text($0) }.map { "\n\(TerminalText.escaped($0))" }
            return "\(name) is in match \(match.id): \(players)\(details ?? "")"
        }
    }

    private var word: String {
        switch state {
        case .waiting: "waiting"
        case .matched: "matched"
        case .cancelled: "cancelled"
        case .absent: "absent"
        }
    }
}
