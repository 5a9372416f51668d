import HoldfastMemoryStore
import HoldfastPrivateServers
import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import Logging

/// A board of many members on a Redis of its own, with a plain sorted set of the same members and scores beside it.
struct BoardBench: Sendable {
    /// What is measured.
    enum Operation: Sendable {
        case submit, rank
    }

    /// Who does it: the board, or plain commands over the same client.
    enum Side: Sendable {
        case board, plain
    }

    /// Members of most rows.
    static let members = 1_000_000
    /// The plain sorted set.
    static let plainKey = "bench:plain"
    /// Where the board's keys are.
    static let redisKeys = ["ranks", "members"].map {
        "hf1:bench:{#board:bench.all.00000000000000000000000000000000}:\($0)"
    }
    /// What the board's scripts compare.
    static func rules(_ ties: BoardRules.Ties) -> String { ties == .id ? "1ddi--/1" : "1ddf--/1" }
    private static let membersPerFill = 100_000

    let redis: RedisProcess
    let client: RedisClient
    let board: Board
    let members: Int

    /// Starts Redis and fills both for the time of `body`.
    ///
    /// - Parameter isScattered: Whether members come in no order of their scores, as players do; else they are there
    ///   several times as fast, and neighbours lie side by side in memory.
    static func with<Result: Sendable>(
        ties: BoardRules.Ties = .id, ranks: BoardRules.Ranks = .unique, members: Int = members,
        isScattered: Bool = true, _ context: BenchContext,
        _ body: @escaping @Sendable (BoardBench) async throws -> Result
    ) async throws -> Result {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let client = RedisClient(
            configuration: RedisConfiguration(address: .unix(path: redis.socketPath)), logger: context.logger)
        let memory = MemoryStore(redis: client, deployment: "bench", logger: context.logger)
        // Every submission changes its member's score, as ZADD does: the dearest operator.
        let rules = BoardRules(scoreOperator: .set, ties: ties, ranks: ranks)
        let bench = BoardBench(
            redis: redis, client: client, board: try memory.board("bench", rules: rules), members: members)
        return try await withRunning(client) {
            try await bench.fill(Self.rules(ties), isScattered: isScattered)
            return try await body(bench)
        }
    }

    private func fill(_ rules: String, isScattered: Bool) async throws {
        let keys = (Self.redisKeys + [Self.plainKey]).map { Array($0.utf8) }
        let count = min(members, Self.membersPerFill)
        for first in stride(from: 0, to: members, by: count) {
            let arguments: [RedisArgument] = [
                .string(rules), .integer(Int64(first)), .integer(Int64(count)), .integer(Int64(members)),
                isScattered ? 1 : 0,
            ]
            _ = try await client.evaluate(
                Script.Bench.fillBoard, keys: keys, arguments: arguments, timeout: .seconds(60))
        }
        guard try await board.count() == members else {
            throw BenchError("the board is not at \(Self.redisKeys[0])")
        }
    }

    /// Calls from all tasks for `seconds` and returns calls a second.
    func run(
        _ side: Side, _ operation: Operation, tasks: Int, batch: Int = 1, ranked: Bool = false,
        seconds: Double
    ) async throws -> Double {
        try await callsPerSecond(tasks: tasks, seconds: seconds) { generator in
            switch side {
            case .board: try await call(operation, batch: batch, ranked: ranked, &generator)
            case .plain: try await callPlain(operation, batch: batch, &generator)
            }
        }
    }

    private func call(
        _ operation: Operation, batch: Int, ranked: Bool, _ generator: inout SeededGenerator
    ) async throws {
        switch operation {
        case .rank:
            guard try await board.rank(of: member(&generator)) != nil else {
                throw BenchError("a member of the board is missing")
            }
        case .submit where batch == 1:
            let score = try await board.submitFast(score(&generator), for: member(&generator), ranked: ranked)
            guard (score.rank != nil) == ranked else { throw BenchError("a submission has no rank") }
        case .submit:
            let submissions = (0..<batch).map { _ in
                BoardSubmission(member: member(&generator), score: score(&generator))
            }
            _ = try await board.submitFast(submissions)
        }
    }

    private func callPlain(_ operation: Operation, batch: Int, _ generator: inout SeededGenerator) async throws {
        switch operation {
        case .rank:
            let words: [RedisArgument] = ["ZREVRANK", .string(Self.plainKey), .bytes(member(&generator).bytes)]
            guard try await client.command(words).integer != nil else {
                throw BenchError("a member of the plain set is missing")
            }
        case .submit:
            var words: [RedisArgument] = ["ZADD", .string(Self.plainKey)]
            for _ in 0..<batch {
                words += [.integer(score(&generator)), .bytes(member(&generator).bytes)]
            }
            _ = try await client.command(words)
        }
    }

    private func score(_ generator: inout SeededGenerator) -> Int64 {
        Int64(generator.next() % UInt64(members))
    }

    /// A member that is there.
    func member(_ generator: inout SeededGenerator) -> Key { Self.member(Int(score(&generator))) }

    /// A member as redis-benchmark spells it.
    private static func member(_ number: Int) -> Key {
        var bytes = [UInt8](repeating: UInt8(ascii: "0"), count: 12)
        var (rest, place) = (number, 11)
        while rest > 0 {
            bytes[place] += UInt8(rest % 10)
            rest /= 10
            place -= 1
        }
        return (try? Key(bytes: bytes)) ?? Key(number)
    }
}
