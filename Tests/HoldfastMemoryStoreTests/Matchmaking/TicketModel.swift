import HoldfastStorage
import ModelTesting

@testable import HoldfastMemoryStore

/// A pool of tickets beside a dictionary.
struct TicketModel: ModelSubject {
    enum Operation: Sendable, CustomStringConvertible {
        case add(id: String, size: Int, skill: Int, life: Int64)
        case cancel(String)
        case look(String)
        case list
        case round
        /// Reads the tickets and finds matches, as a matchmaker that then stalls.
        case read
        /// Makes the matches that were found then.
        case makeLate
        case advance(Int64)

        var description: String {
            switch self {
            case .add(let id, let size, let skill, let life):
                "add \(id) of \(size) players with skill \(skill), \(life) ms"
            case .cancel(let id): "cancel \(id)"
            case .look(let id): "look at \(id)"
            case .list: "list"
            case .round: "match"
            case .read: "read for a late match"
            case .makeLate: "match late"
            case .advance(let millis): "advance \(millis) ms"
            }
        }
    }

    private struct Entry {
        var ticket: Ticket
        var since: Int64
        var ends: Int64
        /// Tells tickets with the same id apart.
        var number: Int
    }

    private let pool: TicketPool
    private let matchmaker: Matchmaker
    private let rules: MatchRules
    private let clock = TestClock()
    private var entries: [String: Entry] = [:]
    private var results: [String: TicketState] = [:]
    private var adds = 0
    private var late: [(tickets: [WaitingTicket], numbers: [Int])] = []

    init(_ memory: MemoryStore) throws {
        pool = try memory.at(clock).tickets(RandomID.random().description)
        rules = try MatchRules(players: 2...3, tolerances: ["skill": .init(10, growingBy: 1_000, upTo: 30)])
        matchmaker = try Matchmaker(pool, rules: rules)
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        let id = "t\(generator.number(in: 0...9))"
        switch generator.number(in: 0...19) {
        case 0..<8:
            return .add(
                id: id, size: generator.number(in: 1...3), skill: generator.number(in: 0...60),
                life: generator.one(of: [1, 5, 20, 86_400_000]))
        case 8, 9: return .cancel(id)
        case 10, 11: return .look(id)
        case 12: return .list
        case 13, 14: return .round
        case 15: return .read
        case 16, 17: return .makeLate
        default: return .advance(generator.one(of: [1, 4, 25]))
        }
    }

    mutating func apply(_ operation: Operation) async throws {
        expire()
        switch operation {
        case .add(let id, let size, let skill, let life):
            let ticket = Ticket(
                id: id, players: (0..<size).map { "\(id)-\($0)" }, numbers: ["skill": Double(skill)])
            let found: Result<Bool, MapFault> = await .of {
                try await pool.add(ticket, expiresAfter: .milliseconds(life))
                return true
            }
            guard entries[id] == nil, results[id] == nil else {
                return try agree(found, .failure(.code("conflict")))
            }
            try agree(found, .success(true))
            adds += 1
            entries[id] = Entry(ticket: ticket, since: clock.now, ends: clock.now + life, number: adds)
        case .cancel(let id):
            let found: Result<Bool, MapFault> = await .of { try await pool.cancel(id) }
            if case .matched? = results[id] { return try agree(found, .failure(.code("conflict"))) }
            try agree(found, .success(entries[id] != nil || results[id] == .cancelled))
            if entries.removeValue(forKey: id) != nil { results[id] = .cancelled }
        case .look(let id):
            try await look(id)
        case .list:
            let found = try await pool.list()
            try agree(Set(found.map(\.ticket.id)), Set(entries.keys), "the set of ids")
            for ticket in found { try agree(ticket.ticket, entries[ticket.ticket.id]?.ticket, "the ticket") }
            let waits = found.map(\.waited)
            try agree(waits, waits.sorted(by: >), "the order of the list")
        case .round:
            let wanted = MatchFinder(model, rules: rules).matches()
            let made = try await matchmaker.round()
            try agree(made, wanted.count, "the number of matches")
            for match in wanted { try await take(match.map(\.ticket)) }
        case .read:
            let waiting = try await pool.list()
            late = MatchFinder(waiting, rules: rules).matches().map { tickets in
                (tickets, tickets.map { entries[$0.ticket.id]?.number ?? 0 })
            }
        case .makeLate:
            for (tickets, numbers) in late {
                let isComplete = zip(tickets, numbers).allSatisfy { entries[$0.ticket.id]?.number == $1 }
                let match = TicketMatch(
                    id: "\(RandomID.random())", tickets: tickets.map(\.ticket), details: .string("late"))
                try agree(try await pool.match(match, tickets), isComplete, "whether a late match is made")
                if isComplete { try await take(match.tickets) }
            }
            late = []
        case .advance(let millis):
            clock.advance(millis)
        }
    }

    mutating func finish() async throws {
        expire()
        for number in 0...9 { try await look("t\(number)") }
    }

    private var model: [WaitingTicket] {
        entries.values.map {
            WaitingTicket(
                ticket: $0.ticket, waited: .milliseconds(clock.now - $0.since),
                remaining: .milliseconds($0.ends - clock.now), nonce: [])
        }
    }

    private func look(_ id: String) async throws {
        let found = try await pool.state(of: id)
        try agree(found, results[id] ?? (entries[id] == nil ? .absent : .waiting), "the state of \(id)")
    }

    /// Notes a match that was made, as all its tickets see it.
    private mutating func take(_ tickets: [Ticket]) async throws {
        guard let first = tickets.first, case .matched(let match) = try await pool.state(of: first.id) else {
            throw Disagreement("\(tickets.map(\.id)) were not matched")
        }
        try agree(Set(match.tickets.map(\.id)), Set(tickets.map(\.id)), "the tickets of the match")
        for ticket in tickets {
            entries[ticket.id] = nil
            results[ticket.id] = .matched(match)
        }
    }

    private mutating func expire() {
        let now = clock.now
        entries = entries.filter { $0.value.ends > now }
    }
}
