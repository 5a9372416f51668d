import Foundation
import TestServers
import Testing

@Suite struct EraseVerbTests {
    private let redis: PrivateRedis

    init() async throws {
        redis = try await PrivateRedis.start()
    }

    /// Where a text is: in the store's files or rows, or in keys or values of Redis.
    private func places(of text: String, _ store: ToolStore) async throws -> [String] {
        var found = try await store.places(of: text)
        for key in try redis.command("--scan").split(separator: "\n").map(String.init) {
            let value: String
            switch try redis.command("TYPE", key).trimmingCharacters(in: .whitespacesAndNewlines) {
            case "hash": value = try redis.command("HGETALL", key)
            case "zset": value = try redis.command("ZRANGE", key, "0", "-1")
            case "list": value = try redis.command("LRANGE", key, "0", "-1")
            case "set": value = try redis.command("SMEMBERS", key)
            case "stream": value = try redis.command("XRANGE", key, "-", "+")
            default: value = try redis.command("GET", key)
            }
            if key.contains(text) || value.contains(text) { found.append(key) }
        }
        return found
    }

    @Test(
        "a person's data is in no file or row of the store and in no key of Redis any more, and others' stays",
        arguments: ToolStore.Kind.allCases)
    func erases(kind: ToolStore.Kind) async throws {
        let (tool, store) = try await ToolStore.start(
            kind, environment: ["HOLDFAST_REDIS": "redis+unix://\(redis.socketPath)"])
        @discardableResult
        func run(_ arguments: String..., input: String? = nil) async throws -> Tool.Outcome {
            let outcome = try await tool.run(arguments, input: input)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            return outcome
        }
        try await run(
            "profile", "import", "players", "-",
            input: """
                {"key":"p1","data":{"text":"SECRET one"},"userIds":["ann"],"metadata":{"note":"SECRET two"}}
                {"key":"p2","data":{"text":"OTHER"},"userIds":["ben"]}
                {"key":"p3","data":{"text":"SECRET three"},"userIds":["ann"]}

                """)
        try await run(
            "profile", "import", "guilds", "-",
            input: #"{"key":"g","data":{"text":"SECRET four"},"userIds":["ann","ben"]}"# + "\n")
        try await run("history", "snapshot", "players", "p3")
        try await run("profile", "delete", "players", "p3", "--yes")
        try await run("op", "deliver", "players", "p1", "gift", #"{"text":"SECRET five"}"#, "--id", "gift-1")
        try await run("board", "create", "arena", "--operator", "set")
        for (member, score) in [("p1", "10"), ("ann", "20"), ("p2", "30")] {
            try await run("board", "submit", "arena", member, score)
        }
        for text in ["SECRET", "OTHER"] { #expect(try await !places(of: text, store).isEmpty) }

        let preview = try await run("erase", "--user", "ann", "--dry-run", "--json").json()
        #expect(preview["records"] as? Int == 2 && preview["sharedRecords"] as? Int == 1)
        #expect(preview["scores"] as? Int == 2 && preview["boards"] as? [String] == ["arena"])
        #expect(preview["pendingOperations"] as? Int == 1 && preview["done"] as? Bool == false)
        try await run("profile", "get", "players", "p1")
        #expect(try await tool.run("erase", "--user", "ann").status == 64)

        let erased = try await run("erase", "--user", "ann", "--yes", "--json").json()
        #expect(erased["records"] as? Int == 2 && erased["scores"] as? Int == 2)
        #expect(erased["historyVersions"] as? Int == 1 && erased["done"] as? Bool == true)
        #expect(try await places(of: "SECRET", store) == [])
        #expect(try await tool.run("profile", "get", "players", "p1").status == 66)
        #expect(try await run("profile", "get", "players", "p2").output.contains("OTHER"))
        let top = try await run("board", "top", "arena", "--json").json()["rows"] as? [[String: Any]] ?? []
        #expect(top.map { $0["member"] as? String } == ["p2"])
        // The id stays where it is needed to erase again after a restore, and in no operator's log.
        #expect(try await store.rows("SELECT \(store.hex("user_id")) FROM erasure") == ["616e6e"])
        let log = try await run("audit", "list", "--json").json()["rows"] as? [[String: Any]] ?? []
        let erasures = log.filter { $0["verb"] as? String == "erase" }
        #expect(erasures.map { $0["outcome"] as? String } == ["usage", "done"])
        #expect(erasures.allSatisfy { ($0["target"] as? String)?.contains("ann") == false })

        let again = try await run("erase", "--user", "ann", "--yes", "--json").json()
        #expect(again["records"] as? Int == 0 && again["scores"] as? Int == 0)
    }
}
