import HoldfastMemoryStore
import HoldfastRedis
import HoldfastStorage
import Logging
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct TicketVerbTests {
    @Test("tickets are listed in the order of waiting, refused twice, and cancelled")
    func life() async throws {
        let tool = try Tool()
        let added = try await tool.run(
            "ticket", "add", "ranked", "t1", "ada", "bob", "--number", "skill=-3", "--text", "region=eu", "--json")
        #expect(added.output == "{\"id\":\"t1\",\"state\":\"waiting\",\"match\":null}\n", "\(added.errors)")
        #expect(try await tool.run("ticket", "add", "ranked", "t2", "cy", "--ttl", "1h").output == "ticket t2 waits\n")
        let taken = try await tool.run("ticket", "add", "ranked", "t2", "dan", "--json")
        #expect(taken.status == 75)
        #expect(try taken.errorCode() == "fenced")

        let list = try await tool.run("ticket", "list", "ranked", "--json").json()
        let rows = try #require(list["rows"] as? [[String: Any]])
        #expect(rows.map { $0["id"] as? String } == ["t1", "t2"])
        #expect(rows[0]["players"] as? [String] == ["ada", "bob"])
        #expect(rows[0]["numbers"] as? [String: Double] == ["skill": -3])
        #expect(rows[0]["texts"] as? [String: String] == ["region": "eu"])
        #expect(rows[1]["remainingMillis"] as? Double ?? 0 > 3_000_000)

        #expect(try await tool.run("ticket", "cancel", "ranked", "t1").status == 0)
        #expect(try await tool.run("ticket", "cancel", "ranked", "t1").status == 0)
        let unknown = try await tool.run("ticket", "cancel", "ranked", "t9", "--json")
        #expect(unknown.status == 66)
        #expect(try unknown.errorCode() == "notFound")
        #expect(try await tool.run("ticket", "list", "ranked").lines.count == 2)
    }

    @Test("parties that wait in processes of their own are matched to the wanted size, and no ticket twice")
    func parties() async throws {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let tool = try Tool(environment: ["HOLDFAST_REDIS": "redis+unix://\(redis.socketPath)"])
        #expect(try await tool.run("migrate").status == 0)
        let cancelled = try await tool.run("ticket", "add", "ranked", "gone", "zoe", "--number", "skill=1")
        #expect(cancelled.status == 0, "\(cancelled.errors)")
        #expect(try await tool.run("ticket", "cancel", "ranked", "gone").status == 0)

        // Sizes 2 + 1 + 3 make one match of four and leave two.
        let pair = try await tool.run("ticket", "add", "ranked", "pair", "ada", "bob", "--number", "skill=1")
        #expect(pair.output == "ticket pair waits\n")
        let parties = [("one", ["cy"]), ("trio", ["dan", "eve", "fay"])]
        let outcomes = try await withMatchmaker(redis) {
            try await withThrowingTaskGroup(of: (String, Tool.Outcome).self) { group in
                for (id, players) in parties {
                    group.addTask {
                        let arguments =
                            ["ticket", "add", "ranked", id] + players
                            + ["--number", "skill=1", "--wait", "2m", "--ttl", "5m", "--json"]
                        return (id, try await tool.run(arguments, patience: .seconds(240)))
                    }
                }
                return try await group.reduce(into: [String: Tool.Outcome]()) { $0[$1.0] = $1.1 }
            }
        }
        for (id, _) in parties {
            let found = try #require(try outcomes[id]?.json())
            #expect(found["id"] as? String == id)
            #expect(found["state"] as? String == "matched")
            let match = try #require(found["match"] as? [String: Any])
            let tickets = try #require(match["tickets"] as? [[String: Any]])
            #expect(Set(tickets.compactMap { $0["id"] as? String }) == ["one", "trio"])
            #expect(tickets.flatMap { $0["players"] as? [String] ?? [] }.sorted() == ["cy", "dan", "eve", "fay"])
            #expect((match["details"] as? [String: Any])?["room"] as? Int == 7)
        }
        let rest = try await tool.run("ticket", "list", "ranked", "--json").json()
        #expect((rest["rows"] as? [[String: Any]])?.compactMap { $0["id"] as? String } == ["pair"])
        let late = try await tool.run("ticket", "cancel", "ranked", "one", "--json")
        #expect(late.status == 75)
        #expect(try late.errorCode() == "fenced")
    }

    @Test("bad input says what is wrong, in one line")
    func badInput() async throws {
        try await Tool().expectRefusals(
            of: "ticket",
            [
                (["add", "", "t", "ada"], 65, "badInput"),
                (["add", "p", "", "ada"], 65, "badInput"),
                (["add", "p", "t"], 64, "usage"),
                (["add", "p", "t", "ada", "ada"], 65, "badInput"),
                (["add", "p", "t"] + (0...100).map { "p\($0)" }, 65, "badInput"),
                (["add", "p", "t", String(repeating: "x", count: 2_048)], 65, "badInput"),
                (["add", "p", "t", "ada", "--ttl", "2d"], 65, "badInput"),
                (["add", "p", "t", "ada", "--ttl", "soon"], 64, "usage"),
                (["add", "p", "t", "ada", "--number", "skill"], 64, "usage"),
                (["add", "p", "t", "ada", "--number", "skill=high"], 64, "usage"),
                (["add", "p", "t", "ada", "--number", "a=1", "--number", "a=2"], 64, "usage"),
                (["add", "p", "t", "ada", "--text", "=eu"], 64, "usage"),
                (["cancel", "p", String(repeating: "t", count: 129)], 65, "badInput"),
            ])
    }
}

/// Runs a server's matchmaker, for matches of exactly four, while `body` runs.
private func withMatchmaker<Result: Sendable>(
    _ redis: RedisProcess, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let client = RedisClient(
        configuration: RedisConfiguration(address: .unix(path: redis.socketPath)), logger: logger)
    let memory = MemoryStore(redis: client, deployment: "holdfast", logger: logger)
    let rules = try MatchRules(players: 4...4, tolerances: ["skill": .init(1)])
    let matchmaker = try Matchmaker(memory.tickets("ranked"), rules: rules) { _ in ["room": 7] }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            try await client.run()
            return nil
        }
        group.addTask {
            await matchmaker.run()
            return nil
        }
        group.addTask { try await body() }
        defer { group.cancelAll() }
        while let finished = try await group.next() {
            if let result = finished { return result }
        }
        throw TestServerError("the client ended before the test")
    }
}
