import Synchronization
import Testing

@testable import HoldfastMemoryStore

/// Pairs of tickets that fit each other only.
final class TicketLoad: DrillLoad {
    let name: String
    private let pools: [TicketPool]
    private let failures = Mutex<[String]>([])
    /// Those that still waited when their player had no more patience.
    private let late = Mutex<[String]>([])

    /// Opens the pool `name` on every server.
    init(_ name: String, _ fleet: [MemoryStore]) throws {
        self.name = "tickets \(name)"
        pools = try fleet.map { try $0.tickets(name) }
    }

    func step(task: Int, number: Int) async throws -> Bool {
        let pair = "\(task)-\(number)"
        let tickets = ["a", "b"].map { side in
            Ticket(id: "\(pair) \(side)", players: ["\(pair) \(side)"], texts: ["pair": pair])
        }
        for (side, ticket) in tickets.enumerated() {
            try await pools[side % pools.count].add(ticket, expiresAfter: .seconds(600))
        }
        var matches: [TicketMatch] = []
        for (side, ticket) in tickets.enumerated() {
            switch try await pools[side % pools.count].wait(for: ticket.id, atMost: .seconds(4)) {
            case .matched(let match): matches.append(match)
            case .waiting: late.withLock { $0.append(ticket.id) }
            case let other: failures.withLock { $0.append("\(ticket.id) is \(other)") }
            }
        }
        guard matches.count == 2 else { return false }
        let isOne = matches[0] == matches[1] && Set(matches[0].tickets.map(\.id)) == Set(tickets.map(\.id))
        if !isOne { failures.withLock { $0.append("\(pair): \(matches)") } }
        return isOne
    }

    func attend() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for pool in pools {
                let matchmaker = try Matchmaker(
                    pool, rules: MatchRules(players: 2...2, equalTexts: ["pair"]), interval: .milliseconds(200))
                group.addTask { await matchmaker.run() }
            }
            try await group.waitForAll()
        }
    }

    func verify(mayLose: Bool) async throws {
        for id in late.withLock({ $0 }) where !mayLose {
            let state = try await pools[0].wait(for: id, atMost: .seconds(60))
            if case .matched = state {} else { Issue.record("\(name): \(id) is \(state)") }
        }
        let failures = failures.withLock { $0 }
        #expect(mayLose || failures.isEmpty, "\(name): \(failures)")
    }
}
