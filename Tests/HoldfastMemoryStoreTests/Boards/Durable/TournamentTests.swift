import HoldfastStorage
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

/// Tournaments, whose rules the store enforces however many processes take part.
@Suite struct TournamentTests {
    private static func settings(_ tournament: Tournament) -> BoardSettings {
        BoardSettings(rules: BoardRules(scoreOperator: .increment), tournament: tournament)
    }

    private static var now: Int64 { WallClock.milliseconds() }

    @Test("no more members join than there is room for, and no more tries count", arguments: BoardStoreKind.allCases)
    func bounds(_ kind: BoardStoreKind) async throws {
        try await BoardFleet.with(kind, 3) { fleet in
            let tournament = Tournament(
                startsAtMillis: Self.now - 1_000, capacity: 10, maximumSubmissions: 3, requiresJoin: true)
            let board = try await fleet[0].createBoard("cup", Self.settings(tournament))
            let joined = try await Self.inAll(fleet, 24) { board, number in
                try await board.join(Key(number), metadata: ["seat": .integer(Int64(number))])
            }
            #expect(joined[nil]?.count == 10 && joined[.full]?.count == 14)
            // Who has joined has no rank.
            #expect(try await board.count() == 0)
            let members = joined[nil, default: []]
            try await board.join(Key(members[0]))
            let tries = try await Self.inAll(fleet, 24 * 5) { board, number in
                try await board.submit(1, for: Key(number % 24))
            }
            #expect(tries[nil]?.count == 30)
            #expect(tries[.exhausted]?.count == 20 && tries[.notFound]?.count == 70)
            #expect(try await board.allRows().map(\.score) == Array(repeating: 3, count: 10))
            try await board.expectProjected(fleet.store)
            #expect(await code { try await board.submitFast(1, for: Key(members[0])) } == .badInput)
            #expect(await code { try await board.leave(Key(members[0])) } == .conflict)
            #expect(await code { try await board.join(Key("late")) } == .full)
            // A place that is given back is taken again.
            try await board.remove([Key(members[0])])
            try await board.join(Key("late"))
            try await board.leave(Key("late"))
            try await board.join(Key("later"))
            try await board.expectProjected(fleet.store)
        }
    }

    @Test("scores count from the start to the end, by the store's clock", arguments: BoardStoreKind.allCases)
    func window(_ kind: BoardStoreKind) async throws {
        try await BoardFleet.with(kind, 2) { fleet in
            let end = Self.now + 1_500
            let running = Tournament(startsAtMillis: Self.now - 10, endsAtMillis: end)
            let board = try await fleet[0].createBoard("cup", Self.settings(running))
            let winners = Mutex<[[BoardRow]]>([])
            try board.onSeasonEnd { board, _ in
                let rows = try await board.top().rows
                winners.withLock { $0.append(rows) }
            }
            let sum = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in fleet.processes {
                    group.addTask {
                        let board = try await process.board("cup")
                        while true {
                            let refusal = await code { try await board.submit(1, for: Key("ann")) }
                            guard refusal == nil else { return #expect(refusal == .notOpen) }
                            sum.add()
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(Self.now >= end)
            #expect(await code { try await board.submitFast(1, for: Key("ann")) } == .notOpen)
            #expect(await code { try await board.join(Key("ben")) } == .notOpen)
            try await eventually("the end is announced") { winners.withLock { $0.count } == 1 }
            // On a machine that is busy for so long nobody may have got a score in.
            #expect(winners.withLock { $0[0].map(\.score) } == (sum.count == 0 ? [] : [Int64(sum.count)]))

            let future = Tournament(startsAtMillis: Self.now + 60_000, requiresJoin: true)
            let next = try await fleet[1].createBoard("next", Self.settings(future))
            try await next.join(Key("ann"))
            #expect(await code { try await next.submit(1, for: Key("ann")) } == .notOpen)
            #expect(try await next.stored([Key("ann")]).first??.submissions == 0)
        }
    }

    /// Runs `body` for the numbers below `count` in all processes, several at a time, and collects the numbers by the
    /// error that each threw.
    private static func inAll(
        _ fleet: BoardFleet, _ count: Int, _ body: @escaping @Sendable (Board, Int) async throws -> Void
    ) async throws -> [MemoryStoreError.Code?: [Int]] {
        try await withThrowingTaskGroup(of: [(MemoryStoreError.Code?, Int)].self) { group in
            let tasks = fleet.processes.count * 4
            for task in 0..<tasks {
                group.addTask {
                    let board = try await fleet[task % fleet.processes.count].board("cup")
                    var found: [(MemoryStoreError.Code?, Int)] = []
                    for number in stride(from: task, to: count, by: tasks) {
                        found.append((await code { try await body(board, number) }, number))
                    }
                    return found
                }
            }
            return try await group.reduce(into: [:]) { all, found in
                for (code, number) in found { all[code, default: []].append(number) }
            }
        }
    }
}
