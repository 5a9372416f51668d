import Foundation
import GRDB
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct QueueVerbTests {
    @Test("items are added, counted, shown, read by priority and removed under one id")
    func life() async throws {
        let tool = try Tool()
        let values = [("1", "0"), (#"{"b":1.0,"a":[true]}"#, "2.5"), ("\"low\"", "-1")]
        for (value, priority) in values {
            let added = try await tool.run(
                "queue", "add", "orders", value, "--ttl", "1h", "--priority", priority, "--json")
            #expect(added.status == 0, "\(added.errors)")
            #expect((try added.json()["id"] as? String)?.count == 32)
        }
        #expect(try await tool.run("queue", "size", "orders", "--json").output == "{\"size\":3}\n")
        let peeked = try await tool.run("queue", "peek", "orders", "--count", "2", "--json").rows()
        #expect(peeked.map { $0["priority"] as? Double } == [2.5, 0])
        #expect(peeked.map { $0["attempts"] as? Int } == [0, 0])

        let read = try await tool.run("queue", "read", "orders", "--count", "2", "--invisible", "1h", "--json")
        #expect(
            read.output.hasSuffix(
                #","items":[{"value":{"a":[true],"b":1},"priority":2.5,"attempts":1},"#
                    + #"{"value":1,"priority":0,"attempts":1}]}"# + "\n"), "\(read.output)\(read.errors)")
        let batch = try #require(try read.json()["id"] as? String)
        #expect(try await tool.run("queue", "size", "orders").output == "3\n")
        #expect(try await tool.run("queue", "size", "orders", "--exclude-invisible").output == "1\n")
        let short = try await tool.run("queue", "read", "orders", "--count", "2", "--all-or-nothing", "--json")
        #expect(short.output == "{\"id\":null,\"items\":[]}\n")
        #expect(short.status == 0)

        let removed = try await tool.run("queue", "remove", "orders", batch, "--json")
        #expect(removed.output == "{\"id\":\"\(batch)\",\"removed\":true}\n")
        let again = try await tool.run("queue", "remove", "orders", batch, "--json")
        #expect(again.output == "{\"id\":\"\(batch)\",\"removed\":false}\n")
        #expect(again.status == 0)
        #expect(try await tool.run("queue", "size", "orders").output == "1\n")
        let text = try await tool.run("queue", "read", "orders")
        #expect(text.lines.first?.wholeMatch(of: /batch [0-9a-f]{32}/) != nil)
        #expect(text.lines.last?.wholeMatch(of: /-1 +1 +"low"/) != nil)
    }

    @Test("a read that waits gets what another process adds, and gives up when its time is over")
    func wait() async throws {
        let tool = try Tool()
        #expect(try await tool.run("queue", "add", "orders", "0", "--ttl", "1ms").status == 0)
        let scratch = try TemporaryFolder()
        // Longer than --timeout, which the wait extends.
        let reader = try tool.start(
            ["queue", "read", "orders", "--wait", "2m", "--timeout", "3s", "--json"], in: scratch)
        #expect(reader.wait(for: .milliseconds(3_500)) == nil)
        #expect(try await tool.run("queue", "add", "orders", "7", "--ttl", "1h").status == 0)
        try await eventually("the reader ends") { !reader.isRunning }
        #expect(reader.stop() == 0)
        let output = try String(contentsOfFile: scratch.file("out"), encoding: .utf8)
        #expect(output.contains(#""items":[{"value":7,"priority":0,"attempts":1}]"#))

        let late = try await tool.run("queue", "read", "orders", "--wait", "100ms", "--json")
        #expect(late.status == 0)
        #expect(late.output == "{\"id\":null,\"items\":[]}\n")
    }

    @Test("items that are not removed in time come back, and the old receipt removes nothing")
    func invisibility() async throws {
        let tool = try Tool()
        #expect(try await tool.run("queue", "add", "orders", "7", "--ttl", "1h").status == 0)
        let first = try await tool.run("queue", "read", "orders", "--invisible", "1ms", "--json")
        let old = try #require(try first.json()["id"] as? String)
        let second = try await tool.run("queue", "read", "orders", "--wait", "1m", "--json")
        let batch = try #require(try second.json()["id"] as? String)
        #expect(batch != old)
        #expect((try second.json()["items"] as? [[String: Any]])?.first?["attempts"] as? Int == 2)

        let late = try await tool.run("queue", "remove", "orders", old, "--json")
        #expect(late.status == 0)
        #expect(try late.json()["removed"] as? Bool == false)
        #expect(try await tool.run("queue", "size", "orders").output == "1\n")
        #expect(try await tool.run("queue", "remove", "orders", batch, "--json").json()["removed"] as? Bool == true)
        #expect(try await tool.run("queue", "size", "orders").output == "0\n")
    }

    @Test("what was read ten times becomes a dead letter, and comes back with requeue")
    func deadLetters() async throws {
        let tool = try Tool()
        for flag in [[], ["--durable"]] as [[String]] {
            let name = "orders\(flag.count)"
            #expect(try await tool.run(["queue", "add", name, "7", "--ttl", "1h"] + flag).status == 0)
            for attempt in 1...10 {
                let read = try await tool.run(
                    "queue", "read", name, "--wait", "1m", "--invisible", "1ms", "--json")
                #expect((try read.json()["items"] as? [[String: Any]])?.first?["attempts"] as? Int == attempt)
            }
            #expect(try await tool.run("queue", "size", name).output == "0\n")
            let dead = try await tool.run("queue", "dead", name, "--json")
            let letter = try #require(try dead.rows().first)
            #expect(letter["value"] as? Int == 7)
            #expect(letter["attempts"] as? Int == 10)
            #expect(letter["durable"] as? Bool == !flag.isEmpty)
            let id = try #require(letter["id"] as? String)

            let requeued = try await tool.run("queue", "requeue", name, id, "--ttl", "2h", "--json")
            #expect(requeued.output == "{\"requeued\":1}\n", "\(requeued.errors)")
            let read = try await tool.run("queue", "read", name, "--json")
            #expect((try read.json()["items"] as? [[String: Any]])?.first?["attempts"] as? Int == 1)
            #expect(try await tool.run("queue", "dead", name, "--json").output == "{\"rows\":[],\"next\":null}\n")
            let gone = try await tool.run("queue", "requeue", name, id, "--json")
            #expect(gone.status == 66)
            #expect(try gone.errorCode() == "notFound")
        }
    }

    @Test("a durable item outlives a Redis that loses everything, and a removed one does not come back")
    func durable() async throws {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let tool = try Tool(environment: ["HOLDFAST_REDIS": "redis+unix://\(redis.socketPath)"])
        #expect(try await tool.run("migrate").status == 0)
        for value in ["1", "2"] {
            let added = try await tool.run("queue", "add", "orders", value, "--ttl", "1h", "--durable", "--json")
            #expect(try added.json()["durable"] as? Bool == true, "\(added.errors)")
        }
        #expect(try await tool.run("queue", "add", "orders", "3", "--ttl", "1h").status == 0)
        let read = try await tool.run("queue", "read", "orders", "--invisible", "1h", "--json")
        let first = try #require(try read.json()["id"] as? String)
        #expect(try await tool.run("queue", "remove", "orders", first, "--json").json()["removed"] as? Bool == true)

        _ = try redis.command("FLUSHALL")
        #expect(try await tool.run("queue", "size", "orders").output == "1\n")
        let left = try await tool.run("queue", "read", "orders", "--count", "9", "--json")
        #expect((try left.json()["items"] as? [[String: Any]])?.compactMap { $0["value"] as? Int } == [2])
    }

    @Test("a store whose logs cannot be read keeps nobody from removing, adding fast items and seeing dead letters")
    func unreadableLogs() async throws {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let folder = try TemporaryFolder()
        let path = folder.file("store.sqlite")
        let tool = try Tool(
            environment: [
                "HOLDFAST_REDIS": "redis+unix://\(redis.socketPath)", "HOLDFAST_STORE": "sqlite:\(path)",
            ], folder: folder)
        #expect(try await tool.run("migrate").status == 0)
        #expect(try await tool.run("queue", "add", "orders", "1", "--ttl", "1h").status == 0)
        let read = try await tool.run("queue", "read", "orders", "--invisible", "1h", "--json")
        let batch = try #require(try read.json()["id"] as? String, "\(read.errors)")
        #expect(try await tool.run("queue", "add", "orders", "3", "--ttl", "1h", "--durable").status == 0)
        try await DatabaseQueue(path: path).write { try $0.execute(sql: "ALTER TABLE log_entry RENAME TO gone") }

        #expect(try await tool.run("queue", "size", "orders").status != 0)
        let removed = try await tool.run("queue", "remove", "orders", batch, "--json")
        #expect(try removed.json()["removed"] as? Bool == true, "\(removed.errors)")
        let added = try await tool.run("queue", "add", "orders", "2", "--ttl", "1h")
        #expect(added.status == 0 && added.errors.contains("audit log"), "\(added.errors)")
        // What is durable is not done unrecorded.
        let put = try await tool.run("profile", "put", "players", "1", "-", "--json", input: "{}")
        #expect(put.status != 0 && put.errors.contains("nothing was done"), "\(put.errors)")
        #expect(try await tool.run("profile", "get", "players", "1").status == 66)
        let dead = try await tool.run("queue", "dead", "orders", "--json")
        #expect(dead.output == "{\"rows\":[],\"next\":null}\n", "\(dead.errors)")
        let gone = try await tool.run("queue", "requeue", "orders", batch, "--json")
        #expect(gone.status == 66, "\(gone.errors)")
    }

    @Test("readers are killed at any moment: every item comes back until it is removed, and none after")
    func killedReaders() async throws {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let tool = try Tool(environment: ["HOLDFAST_REDIS": "redis+unix://\(redis.socketPath)"])
        #expect(try await tool.run("migrate").status == 0)
        try await severalAtATime(Array(0..<12)) { value in
            let flags = value < 6 ? ["--durable"] : []
            let added = try await tool.run(["queue", "add", "orders", "\(value)", "--ttl", "1h"] + flags)
            #expect(added.status == 0, "\(added.errors)")
        }
        let read = ["queue", "read", "orders", "--count", "5", "--wait", "20s", "--json"]
        for round in 0..<8 {
            let scratch = try TemporaryFolder()
            let reader = try tool.start(read + ["--invisible", "300ms"], in: scratch)
            // Before it reads, while it does, or after: whatever it is at by then.
            _ = reader.wait(for: .milliseconds(round * 40))
            reader.stop(signal: SIGKILL)
        }
        var removed: Set<Int> = []
        try await eventually("every item is removed", within: .seconds(180)) {
            let batch = try await tool.run(read).json()
            guard let id = batch["id"] as? String else { return false }
            let values = (batch["items"] as? [[String: Any]] ?? []).compactMap { $0["value"] as? Int }
            #expect(removed.isDisjoint(with: values))
            if try await tool.run("queue", "remove", "orders", id, "--json").json()["removed"] as? Bool == true {
                removed.formUnion(values)
            }
            return removed.count == 12
        }
        #expect(try await tool.run("queue", "size", "orders").output == "0\n")
        #expect(try await tool.run("queue", "dead", "orders", "--json").output == "{\"rows\":[],\"next\":null}\n")
        try redis.command("FLUSHALL")
        #expect(try await tool.run("queue", "size", "orders").output == "0\n")
    }

    @Test("bad input says what is wrong, in one line")
    func badInput() async throws {
        try await Tool().expectRefusals(
            of: "queue",
            [
                (["add", "", "1", "--ttl", "1h"], 65, "badInput"),
                (["add", String(repeating: "q", count: 129), "1", "--ttl", "1h"], 65, "badInput"),
                (["add", "q", "{", "--ttl", "1h"], 65, "badInput"),
                (["add", "q", "\"\(String(repeating: "x", count: 32_767))\"", "--ttl", "1h"], 65, "badInput"),
                (["add", "q", "1", "--ttl", "46d"], 65, "badInput"),
                (["add", "q", "1", "--ttl", "0s"], 65, "badInput"),
                (["add", "q", "1", "--ttl", "soon"], 64, "usage"),
                (["add", "q", "1"], 64, "usage"),
                (["add", "q", "1", "--ttl", "1h", "--priority", "nan"], 64, "usage"),
                (["add", "q", "1", "--ttl", "1h", "--priority", "high"], 64, "usage"),
                (["read", "q", "--count", "0"], 64, "usage"),
                (["read", "q", "--count", "101"], 64, "usage"),
                (["read", "q", "--wait", "soon"], 64, "usage"),
                (["read", "q", "--invisible", "soon"], 64, "usage"),
                (["read", "q", "--invisible", "0s"], 65, "badInput"),
                (["remove", "q", "what"], 65, "badInput"),
                (["remove", "q", String(repeating: "z", count: 32)], 65, "badInput"),
                (["peek", "q", "--count", "101"], 64, "usage"),
                (["dead", "q", "--after", "what"], 65, "badInput"),
                (["dead", "q", "--after", String(repeating: "0", count: 32)], 66, "notFound"),
                (["requeue", "q", "what"], 65, "badInput"),
                (["requeue", "q"], 64, "usage"),
            ])
    }

    @Test("a verb that looks leaves nothing behind where nothing is")
    func leavesNothing() async throws {
        let verbs = [
            ["queue", "read", "q"], ["queue", "size", "q"], ["queue", "peek", "q"], ["queue", "dead", "q"],
            ["queue", "remove", "q", String(repeating: "0", count: 32)], ["ticket", "list", "t"],
            ["ticket", "cancel", "t", "1"], ["sorted-map", "get", "m", "k"], ["sorted-map", "range", "m"],
            ["sorted-map", "size", "m"], ["sorted-map", "remove", "m", "k"], ["hash-map", "get", "m", "k"],
            ["hash-map", "list", "m"], ["hash-map", "size", "m"], ["hash-map", "remove", "m", "k"],
            ["announce", "tail", "c"],
        ]
        try await severalAtATime(verbs) { verb in
            let tool = try Tool()
            let outcome = try await tool.run(verb + ["--json"])
            #expect(outcome.status == 66, "\(verb)")
            #expect(try outcome.errorCode() == "notFound", "\(verb)")
            #expect(!FileManager.default.fileExists(atPath: tool.dataFolder), "\(verb)")
        }
    }
}

extension Tool.Outcome {
    /// The rows of a list.
    fileprivate func rows() throws -> [[String: Any]] { try json()["rows"] as? [[String: Any]] ?? [] }
}
