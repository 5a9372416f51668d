import Foundation
import HoldfastMemoryStore
import HoldfastRedis
import HoldfastSQLite
import HoldfastStorage
import Logging
import TestServers
import Testing

@testable import HoldfastCommand

/// Many scores that several processes bring at once, against a plain sort of the same; a hundred thousand of them are
/// in the tests of boards, without the executable.
///
/// One load after the other: each of them fills the machine.
@Suite(.serialized) struct BoardImportTests {
    /// A board, and what its scores come to.
    struct Load: Sendable, CustomTestStringConvertible {
        let rules: BoardRules
        let options: [String]

        var testDescription: String { options.joined(separator: " ") }

        static let all = [
            Load(rules: BoardRules(), options: ["--order", "desc"]),
            Load(
                rules: BoardRules(order: .ascending, ranks: .competition, shards: 4),
                options: ["--order", "asc", "--ranks", "competition", "--shards", "4"]),
            Load(
                rules: BoardRules(scoreOperator: .increment, ranks: .dense, shards: 3),
                options: ["--operator", "incr", "--ranks", "dense", "--shards", "3"]),
        ]

        /// The rows that `scores` come to, whoever brought them first.
        func rows(_ scores: [(member: Key, score: Int64)]) -> [BoardRow] {
            var pairs: [Key: ScorePair] = [:]
            for (member, score) in scores {
                pairs[member] = rules.scoreRule().meet(
                    stored: pairs[member], submitted: ScorePair(score: score, subscore: 0))
            }
            let isDescending = rules.order == .descending
            let sorted = pairs.map { (member: $0.key, score: $0.value.score) }.sorted { left, right in
                let (low, high) = isDescending ? (right, left) : (left, right)
                return low.score == high.score ? low.member < high.member : low.score < high.score
            }
            var rows: [BoardRow] = []
            for (place, row) in sorted.enumerated() {
                var rank = place + 1
                if rules.ranks != .unique, let last = rows.last {
                    rank = last.score == row.score ? last.rank : rules.ranks == .dense ? last.rank + 1 : place + 1
                }
                rows.append(BoardRow(rank: rank, member: row.member, score: row.score, subscore: 0))
            }
            return rows
        }
    }

    private static let processes = 4

    @Test("20,000 scores that four processes import at once rank as a plain sort does", arguments: Load.all)
    func processesAtOnce(_ load: Load) async throws {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let tool = try Tool(environment: ["HOLDFAST_REDIS": "redis+unix://\(redis.socketPath)"])
        #expect(try await tool.run("migrate").status == 0)
        #expect(try await tool.run(["board", "create", "arena"] + load.options).status == 0)
        // Few values, so that most scores are tied; members that several processes submit.
        var generator = SeededGenerator(seed: 11)
        let scores = (0..<20_000).map { _ in
            (member: Key(Int(generator.next() % 12_000)), score: Int64(generator.next() % 300))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for process in 0..<Self.processes {
                let lines = stride(from: process, to: scores.count, by: Self.processes).map { place in
                    "\(scores[place].member),\(scores[place].score)\n"
                }
                group.addTask {
                    let outcome = try await tool.run(
                        "board", "import", "arena", "-", "--fast", "--json", input: lines.joined(),
                        patience: .seconds(180))
                    #expect(outcome.output == "{\"imported\":\(lines.count),\"failed\":0}\n", "\(outcome.errors)")
                }
            }
            try await group.waitForAll()
        }
        try await check(load.rows(scores), tool, redis)
    }

    /// Compares what another process reads: all pages, some ranks, and what the store has.
    private func check(_ wanted: [BoardRow], _ tool: Tool, _ redis: RedisProcess) async throws {
        let logger = Logger(label: "test")
        let client = RedisClient(
            configuration: RedisConfiguration(address: .unix(path: redis.socketPath)), logger: logger)
        let store = try SQLiteStore(path: "\(tool.dataFolder)/holdfast.sqlite", deployment: "holdfast")
        let memory = MemoryStore(redis: client, deployment: "holdfast", store: store, logger: logger)
        try await withRunning(client) {
            try await withRunning(memory) {
                let board = try await memory.board("arena")
                let sample = stride(from: 0, to: wanted.count, by: 97).map { wanted[$0] }
                let stored = try await board.stored(sample.map(\.member))
                #expect(stored.map { $0?.score } == sample.map(\.score))
                // What one process brought to the store, another one may still be bringing to Redis.
                try await eventually("the board is in the order of a plain sort") {
                    try await Self.rows(of: board) == wanted
                }
                let ranks = try await board.ranks(of: sample.map(\.member).shuffled())
                #expect(ranks.map(\.row) == sample)
            }
        }
        await store.close()
    }

    private static func rows(of board: Board) async throws -> [BoardRow] {
        var rows: [BoardRow] = []
        var cursor: BoardCursor?
        repeat {
            let page = try await board.top(Board.maximumRows, after: cursor, maximumAge: .zero)
            rows += page.rows
            cursor = page.next
        } while cursor != nil
        return rows
    }
}
