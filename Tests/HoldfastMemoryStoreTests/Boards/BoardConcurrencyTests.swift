import HoldfastStorage
import ModelTesting
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite struct BoardConcurrencyTests {
    @Test("10^5 scores that several processes import at once rank as a plain sort does", arguments: [1, 8])
    func realData(_ shards: Int) async throws {
        let server = try await PrivateRedis.start()
        defer { server.stop() }
        // Scores of 300 values only, so that most are tied; a fifth of the members beats its first score.
        var generator = SeededGenerator(seed: 7)
        var submissions: [BoardSubmission] = []
        var best: [Key: Int64] = [:]
        for number in 0..<100_000 {
            let member = Key(number % 80_000 &* 7_919 % 1_000_003)
            let score = Int64(generator.number(in: 0...17) * generator.number(in: 0...17))
            submissions.append(BoardSubmission(member: member, score: score))
            best[member] = max(best[member] ?? .min, score)
        }
        let rules = BoardRules(ranks: .competition, shards: shards)
        let parts = submissions.chunks(of: 25_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in parts {
                // A client and a memory store of its own each, as processes have.
                group.addTask {
                    try await withMemoryStore(on: server, deployment: "test") { memory in
                        let board = try memory.board("arena", rules: rules)
                        for chunk in part.chunks(of: 1_000) { _ = try await board.submitFast(Array(chunk)) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let sorted = best.map { (member: $0.key, score: $0.value) }.sorted {
            $0.score == $1.score ? $1.member < $0.member : $0.score > $1.score
        }
        var wanted: [BoardRow] = []
        for (place, row) in sorted.enumerated() {
            let isTied = place > 0 && wanted[place - 1].score == row.score
            wanted.append(
                BoardRow(
                    rank: isTied ? wanted[place - 1].rank : place + 1, member: row.member, score: row.score, subscore: 0
                ))
        }
        try await withMemoryStore(on: server, deployment: "test") { [wanted] memory in
            let board = try memory.board("arena", rules: rules)
            var found: [BoardRow] = []
            var cursor: BoardCursor?
            repeat {
                let page = try await board.top(1_000, after: cursor)
                found += page.rows
                cursor = page.next
            } while cursor != nil
            #expect(found.count == wanted.count)
            #expect(found == wanted)
            for place in stride(from: 3, to: wanted.count, by: 1_601) {
                let row = try await board.rank(of: wanted[place].member)
                #expect(row == wanted[place])
                let around = try await board.around(wanted[place].member, count: 9).rows
                let places = BoardModel.window(around: place + 1, total: wanted.count, limit: 9)
                #expect(around == places.map { wanted[$0 - 1] })
            }
            let some = stride(from: 0, to: wanted.count, by: 97).map { wanted[$0] }
            #expect(try await board.ranks(of: some.map(\.member).shuffled()).map(\.row) == some)
        }
    }

    @Test("increments from many tasks and processes add up", arguments: [BoardRules.Ties.id, .first], [1, 3])
    func increments(_ ties: BoardRules.Ties, _ shards: Int) async throws {
        try await withMemoryStore(.cluster) { memory, server in
            let rules = BoardRules(
                scoreOperator: .increment, ties: ties, ranks: .dense, shards: shards, countsSubmissions: true)
            let name = RandomID.random().description
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in 0..<4 {
                    group.addTask {
                        try await withMemoryStore(on: server, deployment: name) { memory in
                            let board = try memory.board("arena", rules: rules)
                            for number in 0..<100 {
                                try await board.submitFast(1, for: Key(number % 10), subscore: Int64(process))
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await withMemoryStore(on: server, deployment: name) { memory in
                let board = try memory.board("arena", rules: rules)
                let page = try await board.top(20, details: true)
                #expect(page.rows.map(\.score) == Array(repeating: 40, count: 10))
                #expect(page.rows.allSatisfy { $0.details?.submissions == 40 })
                // Nothing of earlier scores is left: levels are as many as there are pairs.
                let pairs = Set(page.rows.map(\.subscore)).count
                #expect(page.rows.last?.rank == pairs)
                try await board.removeFast(page.rows.map(\.member))
                #expect(try await board.count() == 0)
                try await board.submitFast(1, for: Key("x"))
                #expect(try await board.rank(of: Key("x"))?.rank == 1)
            }
        }
    }

    @Test("every reader of a board that others write to sees ranks without gaps, in order, and no member twice")
    func readersAndWriters() async throws {
        try await withMemoryStore { memory, _ in
            let board = try memory.board("arena", rules: BoardRules(scoreOperator: .set, ties: .first))
            _ = try await board.submitFast((0..<50).map { BoardSubmission(member: Key($0), score: Int64($0 % 7)) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        var generator = SeededGenerator(seed: UInt64(writer))
                        for _ in 0..<150 {
                            let member = Key(generator.number(in: 0...49))
                            try await board.submitFast(Int64(generator.number(in: -3...9)), for: member)
                        }
                    }
                }
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<40 {
                            let page = try await board.top(100, maximumAge: .zero)
                            #expect(page.rows.map(\.rank) == Array(1...50))
                            #expect(Set(page.rows.map(\.member)).count == 50)
                            #expect(zip(page.rows, page.rows.dropFirst()).allSatisfy { $0.score >= $1.score })
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
