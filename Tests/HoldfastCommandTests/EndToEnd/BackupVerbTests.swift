import Foundation
import HoldfastCoordination
import HoldfastRedis
import HoldfastStorage
import Logging
import TestServers
import Testing

@testable import HoldfastCommand

@Suite("backup create, verify and restore", .timeLimit(.minutes(10))) struct BackupVerbTests {
    private let tool: Tool
    private let redis: PrivateRedis

    init() async throws {
        redis = try await PrivateRedis.start()
        tool = try Tool(environment: ["HOLDFAST_REDIS": "redis+unix://\(redis.socketPath)"])
    }

    private func store(_ name: String) -> String { "sqlite:\(tool.folder.file(name))" }

    private func run(_ arguments: String..., in name: String = "one.sqlite", input: String? = nil) async throws
        -> Tool.Outcome
    {
        let outcome = try await tool.run(arguments + ["--json", "--store", store(name)], input: input)
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        return outcome
    }

    private func coins(_ key: String, in name: String = "one.sqlite") async throws -> Int? {
        try await run("profile", "get", "players", key, in: name).json()["coins"] as? Int
    }

    @Test("a backup brings back what was there, whatever came later, and refuses what it must")
    func restores() async throws {
        _ = try await run("migrate")
        for key in ["ann", "ben"] {
            _ = try await run("profile", "put", "players", key, "-", input: #"{"coins":1}"#)
        }
        _ = try await run("board", "create", "arena", "--operator", "set")
        _ = try await run("board", "submit", "arena", "ann", "10")
        let file = tool.folder.file("fleet.backup")
        let created = try await run("backup", "create", file).json()
        let rows = try #require(created["rows"] as? [String: Any])
        #expect(rows["records"] as? Int == 2 && rows["scores"] as? Int == 1)
        #expect(try await tool.run("backup", "create", file, "--store", store("one.sqlite")).status == 73)
        let verified = try await tool.run("backup", "verify", file, "--json").json()
        #expect(verified["ok"] as? Bool == true && verified["sha256"] as? String == created["sha256"] as? String)

        _ = try await run("profile", "put", "players", "ann", "-", input: #"{"coins":2}"#)
        _ = try await run("profile", "put", "players", "new", "-", input: #"{"coins":3}"#)
        _ = try await run("board", "submit", "arena", "ann", "99")
        try await refusesAltered(file)
        try await withServer {
            let planned = try await run("backup", "restore", file, "--dry-run").json()
            #expect(planned["restored"] as? Bool == false && planned["replaces"] as? Bool == true)
            #expect(planned["runningServers"] as? Int == 1)
            #expect(try await coins("ann") == 2)
            #expect(try await tool.run("backup", "restore", file, "--store", store("one.sqlite")).status == 64)
            let restored = try await run("backup", "restore", file, "--yes").json()
            #expect(restored["restored"] as? Bool == true && restored["newGeneration"] as? Int ?? 0 > 0)
        }
        #expect(try await coins("ann") == 1)
        #expect(try await tool.run("profile", "get", "players", "new", "--store", store("one.sqlite")).status == 66)
        let top = try await run("board", "top", "arena").json()["rows"] as? [[String: Any]]
        #expect(top?.first?["score"] as? Int == 10)
        _ = try await run("profile", "put", "players", "ann", "-", input: #"{"coins":5}"#)

        // A lost store: an empty one takes its place under the same Redis.
        _ = try await run("backup", "restore", file, in: "two.sqlite")
        #expect(try await coins("ann", in: "two.sqlite") == 1)
        try await moves(file)
    }

    /// From SQLite to PostgreSQL under the same Redis, and back.
    private func moves(_ file: String) async throws {
        let database = try await PrivatePostgres.start(syncs: false)
        defer { database.stop() }
        let (address, back) = (database.url(), tool.folder.file("back.backup"))
        for arguments in [["restore", file], ["create", back]] {
            let outcome = try await tool.run(["backup"] + arguments + ["--json", "--store", address])
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        }
        let moved = try await tool.run("profile", "get", "players", "ann", "--json", "--store", address)
        #expect(try moved.json()["coins"] as? Int == 1)
        _ = try await run("backup", "restore", back, "--yes", in: "two.sqlite")
        #expect(try await coins("ben", in: "two.sqlite") == 1)
    }

    private func refusesAltered(_ file: String) async throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        for (name, content) in [("changed", changed), ("cut", bytes.prefix(bytes.count - 1)), ("empty", Data())] {
            let path = tool.folder.file(name)
            try content.write(to: URL(fileURLWithPath: path))
            for arguments in [["verify", path], ["restore", path, "--yes"]] {
                let outcome = try await tool.run(["backup"] + arguments + ["--json", "--store", store("one.sqlite")])
                #expect(outcome.status == 65, "\(name): \(outcome.errors)")
                #expect(try outcome.errorCode() == "corrupt")
            }
        }
        #expect(try await coins("ann") == 2)
    }

    /// Has one server beat for the time of `body`.
    private func withServer(_ body: () async throws -> Void) async throws {
        let client = RedisClient(
            configuration: RedisConfiguration(topology: .standalone(.unix(path: redis.socketPath))),
            logger: Logger(label: "test"))
        let backend = RedisCoordinationBackend(
            client: client, deployment: "holdfast", logger: Logger(label: "test"))
        let running = Task { try await backend.run() }
        defer { running.cancel() }
        let beat = ServerBeat(server: "lobby-1", boot: .random(), number: 1)
        _ = try await backend.beat(beat, timeToLive: .seconds(600))
        try await body()
        try await backend.withdraw(server: beat.server, boot: beat.boot)
    }

    @Test("a restore that is killed leaves the old state or the new one, and can be repeated")
    func killed() async throws {
        _ = try await run("migrate")
        let lines = (0..<1_500).map { #"{"key":"k\#($0)","data":{"coins":1,"text":"\#(RandomID.random())"}}"# }
        _ = try await run("profile", "import", "players", "-", input: lines.joined(separator: "\n"))
        let file = tool.folder.file("fleet.backup")
        _ = try await run("backup", "create", file)
        for key in ["k0", "k1499"] {
            _ = try await run("profile", "put", "players", key, "-", input: #"{"coins":2}"#)
        }
        let scratch = try TemporaryFolder()
        let child = try tool.start(
            ["backup", "restore", file, "--yes", "--store", store("one.sqlite")], in: scratch)
        let journal = tool.folder.file("one.sqlite-wal")
        try await eventually("the restore has begun or ended") {
            !child.isRunning || FileManager.default.fileExists(atPath: journal)
        }
        _ = child.stop(signal: SIGKILL)
        let (first, last) = (try await coins("k0"), try await coins("k1499"))
        #expect(first == last && [1, 2].contains(first))
        _ = try await run("backup", "restore", file, "--yes")
        #expect(try await coins("k0") == 1)
        #expect(try await coins("k1499") == 1)
    }

    @Test("migrate --bump-generation raises the generation each time")
    func bumps() async throws {
        let first = try await run("migrate").json()["generation"] as? Int
        let second = try await run("migrate", "--bump-generation").json()["generation"] as? Int ?? 0
        let third = try await run("migrate", "--bump-generation").json()["generation"] as? Int ?? 0
        #expect(first == 0 && second > 0 && third > second)
        #expect(try await run("migrate").json()["generation"] as? Int == third)
    }
}
