import HoldfastStorage
import ModelTesting
import TestServers
import Testing

@testable import HoldfastMemoryStore

/// Boards that the store feeds, on real servers.
@Suite struct DurableBoardTests {
    @Test("a score is in the store and in Redis when the call returns", arguments: BoardStoreKind.allCases)
    func submit(_ kind: BoardStoreKind) async throws {
        try await BoardFleet.with(kind, 2) { fleet in
            let board = try await fleet[0].createBoard("arena", BoardSettings(rules: BoardRules(ranks: .competition)))
            let first = try await board.submit(
                10, for: Key("ann"), subscore: 3, metadata: ["team": "red"], ranked: true)
            #expect(first == BoardScore(score: 10, subscore: 3, rank: 1, submissions: 1))
            let worse = try await board.submit(9, for: Key("ann"))
            #expect(worse == BoardScore(score: 10, subscore: 3, submissions: 2))
            let outcomes = try await board.submit(
                [
                    BoardSubmission(member: Key("ben"), score: 10, subscore: 3),
                    BoardSubmission(member: Key("cid"), score: 4),
                    BoardSubmission(member: Key("cid"), score: .max, scoreOperator: .increment),
                ], ranked: true)
            #expect(
                outcomes == [
                    .accepted(BoardScore(score: 10, subscore: 3, rank: 1, submissions: 1), changed: true),
                    .accepted(BoardScore(score: 4, subscore: 0, rank: 3, submissions: 1), changed: true),
                    .refused(.overflow),
                ])
            let stored = try await board.stored([Key("cid"), Key("nobody"), Key("ann")])
            #expect(
                stored == [
                    BoardScore(score: 4, subscore: 0, submissions: 1), nil,
                    BoardScore(score: 10, subscore: 3, submissions: 2),
                ])
            // Another process needs nothing but the name.
            let other = try await fleet[1].board("arena")
            #expect(other.rules == board.rules)
            try await other.expectProjected(fleet.store)
            try await other.setMetadata(["team": "blue"], for: Key("ann"))
            #expect(try await board.details(of: [Key("ann")]).first??.metadata == ["team": "blue"])
            try await other.remove([Key("ben"), Key("nobody")])
            #expect(try await board.rank(of: Key("ben")) == nil)
            #expect(await code { try await other.setMetadata(1, for: Key("ben")) } == .notFound)
            try await board.expectProjected(fleet.store)
        }
    }

    @Test(
        "several processes submit at once, and Redis has exactly what the store has",
        arguments: BoardStoreKind.allCases,
        [
            BoardRules(scoreOperator: .best, ties: .first, ranks: .dense, shards: 3),
            BoardRules(order: .ascending, scoreOperator: .set, ties: .first),
            BoardRules(scoreOperator: .increment, ranks: .competition, shards: 2),
        ])
    func concurrency(_ kind: BoardStoreKind, _ rules: BoardRules) async throws {
        try await BoardFleet.with(kind, 3) { fleet in
            let board = try await fleet[0].createBoard("arena", BoardSettings(rules: rules))
            let sums = try await withThrowingTaskGroup(of: [Key: Int64].self) { group in
                for (number, process) in fleet.processes.enumerated() {
                    for task in 0..<3 {
                        group.addTask {
                            let board = try await process.board("arena")
                            var generator = SeededGenerator(seed: UInt64(number * 3 + task))
                            var sums: [Key: Int64] = [:]
                            for _ in 0..<12 {
                                let submissions = (0..<generator.number(in: 1...20)).map { _ in
                                    BoardSubmission(
                                        member: Key(generator.number(in: 0...40)),
                                        score: Int64(generator.number(in: 0...9)),
                                        subscore: Int64(generator.number(in: 0...2)))
                                }
                                for submission in submissions {
                                    sums[submission.member, default: 0] += submission.score
                                }
                                _ = try await board.submit(submissions)
                            }
                            return sums
                        }
                    }
                }
                return try await group.reduce(into: [Key: Int64]()) { $0.merge($1, uniquingKeysWith: +) }
            }
            try await board.expectProjected(fleet.store)
            guard rules.scoreOperator == .increment else { return }
            let rows = try await board.allRows()
            #expect(Dictionary(uniqueKeysWithValues: rows.map { ($0.member, $0.score) }) == sums)
        }
    }

    @Test("a board with other settings is a conflict, the same ones find it", arguments: BoardStoreKind.allCases)
    func conflict(_ kind: BoardStoreKind) async throws {
        try await BoardFleet.with(kind, 4) { fleet in
            // All at once, so that one of them creates it.
            let settings = BoardSettings(rules: BoardRules(scoreOperator: .set), schedule: .weekly)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in fleet.processes {
                    group.addTask { try await process.createBoard("arena", settings).submit(1, for: Key("ann")) }
                }
                try await group.waitForAll()
            }
            let board = try await fleet[0].board("arena")
            #expect(try await board.stored([Key("ann")]).first??.submissions == 4)
            let others = [
                BoardSettings(rules: BoardRules(scoreOperator: .best), schedule: .weekly),
                BoardSettings(rules: settings.rules),
                BoardSettings(rules: settings.rules, schedule: .weekly, keptSeasons: 1),
            ]
            for other in others {
                #expect(await code { try await fleet[1].createBoard("arena", other) } == .conflict)
            }
            #expect(await code { _ = try await fleet[1].board("other") } == .notFound)
            #expect(try await fleet[2].boards().map(\.name) == ["arena"])
        }
    }

    @Test("what Redis alone would have is refused on a board of the store")
    func redisOnly() async throws {
        try await BoardFleet.with(.sqlite) { fleet in
            let board = try await fleet[0].createBoard("arena")
            try await board.submit(1, for: Key("ann"), metadata: 1)
            #expect(await code { try await board.removeFast([Key("ann")]) } == .badInput)
            #expect(await code { try await board.setMetadataFast(2, for: Key("ann")) } == .badInput)
            try await board.expectProjected(fleet.store)
        }
    }

    @Test(
        "a deleted board is gone everywhere, also what others submit before they know",
        arguments: BoardStoreKind.allCases)
    func delete(_ kind: BoardStoreKind) async throws {
        try await BoardFleet.with(kind, 2) { fleet in
            let old = try await fleet[0].createBoard("arena")
            let held = try await fleet[1].board("arena")
            _ = try await old.submit([
                BoardSubmission(member: Key("ann"), score: 1), BoardSubmission(member: Key("bob"), score: 1),
            ])
            let cursor = try #require(try await old.top(1).next)
            #expect(try await fleet[0].deleteBoard("arena"))
            #expect(try await fleet[0].deleteBoard("arena") == false)
            #expect(await code { _ = try await old.top(1) } == .notFound)
            // This one has not heard of it.
            _ = try? await held.submit(2, for: Key("ben"))
            let fresh = try await fleet[0].createBoard("arena", BoardSettings(rules: BoardRules(order: .ascending)))
            #expect(try await fresh.count() == 0)
            #expect(await code { _ = try await fresh.top(1, after: cursor) } == .badInput)
            try await fresh.submit(3, for: Key("cid"))
            await fleet[1].durableBoards?.catalog.refresh()
            #expect(await code { _ = try await held.submit(2, for: Key("ben")) } == .notFound)
            #expect(await code { _ = try await held.top(1) } == .notFound)
            // Whoever is on duty removes what came late.
            await BoardDuties(try fleet[0].requireBoards()).clean()
            let tables = try await fleet.store.scoreTables(startingWith: Array("board:".utf8), after: nil, limit: 10)
            #expect(tables.count == 1)
            try await fresh.expectProjected(fleet.store)
            try await eventually("Redis has the keys of one board") {
                try fleet.redis.command("KEYS", "*board*{*").split(separator: "\n").count <= 2
            }
        }
    }
}
