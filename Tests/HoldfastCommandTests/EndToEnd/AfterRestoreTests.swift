import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

@Suite("migrate --after-restore") struct AfterRestoreTests {
    private let tool: Tool
    private let redis: PrivateRedis

    init() async throws {
        redis = try await PrivateRedis.start()
        let folder = try TemporaryFolder()
        tool = try Tool(
            environment: [
                "HOLDFAST_REDIS": "redis+unix://\(redis.socketPath)",
                "HOLDFAST_STORE": "sqlite:\(folder.file("store.sqlite"))",
            ], folder: folder)
    }

    private func copy(_ from: String, to target: String) throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: tool.folder.file(target + suffix))
        }
        try FileManager.default.copyItem(atPath: tool.folder.file(from), toPath: tool.folder.file(target))
    }

    private func run(_ arguments: String..., input: String? = nil) async throws -> Tool.Outcome {
        let outcome = try await tool.run(arguments + ["--json"], input: input)
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        return outcome
    }

    private func scores(_ arguments: String...) async throws -> [String] {
        let page = try await tool.run(["board", "top", "arena", "--json"] + arguments).json()
        return (page["rows"] as? [[String: Any]] ?? []).map { "\($0["member"] ?? "") \($0["score"] ?? "")" }
    }

    /// Reads and removes items, at least so many.
    private func items(_ count: Int) async throws -> Set<String> {
        var found: Set<String> = []
        try await eventually("\(count) items come") {
            let batch = try await run("queue", "read", "orders", "--count", "10", "--wait", "200ms").json()
            guard let id = batch["id"] as? String else { return found.count >= count }
            for item in batch["items"] as? [[String: Any]] ?? [] { found.insert("\"\(item["value"] ?? "")\"") }
            _ = try await run("queue", "remove", "orders", id)
            return false
        }
        return found
    }

    @Test("profiles, boards and queues are those of the backup, and whoever held a record before is fenced off")
    func restores() async throws {
        #expect(try await tool.run("migrate").status == 0)
        _ = try await run("profile", "put", "players", "ann", "-", input: #"{"coins":1}"#)
        _ = try await run("board", "create", "arena", "--operator", "set")
        for member in ["ann", "ben"] { _ = try await run("board", "submit", "arena", member, "10") }
        _ = try await run("queue", "add", "orders", #""before""#, "--ttl", "1h", "--durable")
        // The last connection that closes leaves no log behind: the file is all there is.
        try copy("store.sqlite", to: "backup.sqlite")
        let fence = try await run("profile", "get", "players", "ann", "--meta").json()["token"] as? Int

        _ = try await run("profile", "put", "players", "ann", "-", input: #"{"coins":2}"#)
        _ = try await run("profile", "put", "players", "new", "-", input: #"{"coins":3}"#)
        for member in ["ann", "cat", "dan"] { _ = try await run("board", "submit", "arena", member, "99") }
        #expect(try await scores() == ["dan 99", "cat 99", "ann 99", "ben 10"])
        #expect(try await items(1) == [#""before""#])
        _ = try await run("queue", "add", "orders", #""between""#, "--ttl", "1h", "--durable")
        try copy("backup.sqlite", to: "store.sqlite")

        let outcome = try await run("migrate", "--after-restore").json()
        #expect(outcome["recordsFenced"] as? Int == 1 && outcome["spacesRenewed"] as? Int == 3)
        #expect(outcome["seasonsDropped"] as? Int == 1)
        let meta = try await run("profile", "get", "players", "ann", "--meta").json()
        #expect(meta["token"] as? Int == fence.map { $0 + 1 } && meta["version"] as? Int == 1)
        #expect(try await run("profile", "get", "players", "ann").json()["coins"] as? Int == 1)
        #expect(try await tool.run("profile", "get", "players", "new").status == 66)
        #expect(try await scores() == ["ben 10", "ann 10"])
        // Numbers that were given out before the restore are given out again, for other changes.
        for member in ["eve", "fay", "gus", "hal"] { _ = try await run("board", "submit", "arena", member, "20") }
        #expect(try await scores() == ["hal 20", "gus 20", "fay 20", "eve 20", "ben 10", "ann 10"])
        _ = try await run("profile", "put", "players", "ann", "-", input: #"{"coins":7}"#)
        #expect(try await run("profile", "get", "players", "ann").json()["coins"] as? Int == 7)
        // What was removed comes again, and nothing that is added now passes for delivered.
        _ = try await run("queue", "add", "orders", #""after""#, "--ttl", "1h", "--durable")
        #expect(try await items(2).isSuperset(of: [#""before""#, #""after""#]))
        // Safe to repeat, and without the flag nothing of it is done.
        #expect(try await run("migrate", "--after-restore").json()["recordsFenced"] as? Int == 1)
        #expect(try await run("migrate").json()["recordsFenced"] == nil)
    }
}
