import HoldfastMemoryStore
import HoldfastScripts
import HoldfastStorage
import Logging
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct BenchScriptTests {
    @Test("lock and load takes a free lock with a new token and is refused under another owner's")
    func lockAndLoad() async throws {
        let redis = try await PrivateRedis.start()
        defer { redis.stop() }
        try redis.command("HSET", "{b}p", "data", "document", "version", "7", "fence", "3", "savedAt", "9")
        func call(_ owner: String) throws -> [Substring] {
            try redis.command("EVAL", Script.Bench.lockAndLoad.source, "3", "{b}l", "{b}f", "{b}p", owner, "60000")
                .split(separator: "\n")
        }
        #expect(try call("one") == ["1", "1", "document", "7", "3", "9"])
        #expect(try call("one").prefix(2) == ["1", "2"])
        let refused = try call("two")
        #expect(refused.prefix(2) == ["0", "one"])
        #expect(Int(refused[2]).map { (1...60_000).contains($0) } == true)
        #expect(try redis.command("GET", "{b}f") == "2")
    }

    @Test(
        "a board that a script has filled is read and written as any other", arguments: BoardRules.Ties.allCases,
        [true, false])
    func fillBoard(ties: BoardRules.Ties, isScattered: Bool) async throws {
        let context = BenchContext(
            seconds: 0.1, postgres: nil, terrain: nil, logger: Logger(label: "test"), finishedPair: {})
        try await BoardBench.with(ties: ties, members: 1_000, isScattered: isScattered, context) { bench in
            let board = bench.board
            // The second number, and where the second step leads.
            let member = try Key(isScattered ? "000000000001" : "000000000033")
            let rank = isScattered ? 967 : 999
            #expect(try await board.rank(of: member)?.rank == rank)
            #expect(try await board.top(1).rows.map(\.score) == [999])
            let plain = try bench.redis.command("ZREVRANK", BoardBench.plainKey, "\(member)")
            #expect(plain == "\(rank - 1)")
            let first = try await board.submitFast(1_000, for: member)
            #expect(first.rank == 1)
            #expect(try await board.count() == 1_000)
        }
    }
}
