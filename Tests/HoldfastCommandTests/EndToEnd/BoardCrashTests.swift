import Foundation
import Glibc
import HoldfastSQLite
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastCommand

/// Processes that are killed while they bring scores to a board.
@Suite struct BoardCrashTests {
    @Test("a process that is killed between the store and Redis loses nothing: the next one brings the rest")
    func killed() async throws {
        let redis = try await PrivateRedis.start()
        defer { redis.stop() }
        let tool = try Tool(environment: ["HOLDFAST_REDIS": "redis+unix://\(redis.socketPath)"])
        #expect(try await tool.run("migrate").status == 0)
        #expect(try await tool.run("board", "create", "arena", "--operator", "incr", "--ties", "first").status == 0)
        // What was acknowledged before the kill has to be there afterwards.
        #expect(try await tool.run("board", "import", "arena", "-", input: "ada,5\nbob,7\n").status == 0)
        let scratch = try TemporaryFolder()
        guard mkfifo(scratch.file("in"), 0o600) == 0 else { throw TestServerError("no fifo") }
        let importer = try tool.start(["board", "import", "arena", "-"], in: scratch)
        // Opened for both, so that neither side waits for the other and the import never comes to its end.
        let pipe = open(scratch.file("in"), O_RDWR)
        defer { close(pipe) }
        func feed(_ count: Int) {
            let lines = (0..<count).map { "m\($0 % 500),1\n" }.joined()
            _ = lines.withCString { write(pipe, $0, strlen($0)) }
        }
        feed(2_000)
        // Redis stands still, and the store goes on: every change from here on is in the store alone.
        try await eventually("scores arrive") { try await Self.members(tool) > 2 }
        redis.pause()
        feed(6_000)
        try await eventually("the store goes on alone") { try await Self.submissions(tool) > 4_000 }
        #expect(importer.isRunning)
        #expect(importer.stop(signal: SIGKILL) == 128 + SIGKILL)
        redis.resume()

        let stored = try await Self.submissions(tool)
        let sum = try Self.sum(redis)
        #expect(sum < stored - 2 + 12, "nothing was left for another process")
        let top = try await tool.run("board", "top", "arena", "--count", "1000", "--json").json()
        let rows = try #require(top["rows"] as? [[String: Any]])
        let scores = rows.reduce(0) { $0 + ($1["score"] as? Int ?? 0) }
        // ada's 5 and bob's 7 came in two submissions.
        #expect(scores == stored - 2 + 12)
        #expect(rows.contains { $0["member"] as? String == "bob" && $0["score"] as? Int ?? 0 == 7 })
        #expect(rows.map { $0["rank"] as? Int } == Array(1...rows.count))
        let rebuilt = try await tool.run("board", "rebuild", "arena", "--json")
        #expect(rebuilt.status == 0, "\(rebuilt.errors)")
        let again = try await tool.run("board", "top", "arena", "--count", "1000", "--json").json()
        #expect(again as NSDictionary == top as NSDictionary)
    }

    private static func members(_ tool: Tool) async throws -> Int {
        Int(try await tool.run("board", "count", "arena").output.dropLast()) ?? 0
    }

    /// The sum of all scores that Redis shows.
    private static func sum(_ redis: PrivateRedis) throws -> Int {
        let key = try redis.command("--scan", "--pattern", "*:ranks")
        let lines = try redis.command("ZRANGE", key, "0", "-1", "WITHSCORES").split(separator: "\n")
        return stride(from: 1, to: lines.count, by: 2).reduce(0) { $0 + abs(Int(lines[$1]) ?? 0) }
    }

    /// How many submissions the store has.
    private static func submissions(_ tool: Tool) async throws -> Int {
        let store = try SQLiteStore(path: tool.dataFolder + "/holdfast.sqlite", deployment: "holdfast")
        let tables = try await store.scoreTables(startingWith: [], after: nil, limit: 2)
        let page = try await store.scores(of: try #require(tables.first?.name), changedAfter: 0, limit: 1_000)
        await store.close()
        return (page?.rows ?? []).reduce(0) { $0 + Int($1.submissions) }
    }
}
