import Foundation
import Glibc
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct ServerListTests {
    @Test("a server is found by what it says of itself, and is no longer listed once its process was killed")
    func killed() async throws {
        let tool = try Tool()
        let created = try await tool.run("migrate", "--beat", "1s", "--renew", "2s", "--lease", "10s")
        #expect(created.status == 0, "\(created.errors)")
        // What a run makes before its servers start.
        for board in [
            ["players-best", "--ties", "first"],
            ["players-sum", "--operator", "incr", "--ranks", "competition", "--shards", "2"],
            ["players-rewards", "--operator", "set", "--ranks", "dense"],
        ] {
            #expect(try await tool.run(["board", "create"] + board).status == 0)
        }
        let scratch = try TemporaryFolder()
        // Orders that never come, and never end.
        #expect(mkfifo(scratch.file("in"), 0o600) == 0)
        let orders = open(scratch.file("in"), O_RDWR)
        defer { close(orders) }
        let server = try tool.start(
            [
                "demo-server", "--server-id", "arena-1", "--collection", "players", "--journals", scratch.path,
                "--beat", "1s", "--renew", "2s", "--lease", "10s",
            ], in: scratch)
        defer { server.stop(signal: SIGKILL) }

        func list(_ flags: String...) async throws -> [String] {
            let rows = try await tool.run(["server", "list", "--json"] + flags).json()["rows"] as? [[String: Any]]
            return (rows ?? []).compactMap { $0["id"] as? String }
        }
        try await eventually("the server says what it runs") { try await list("--where", "map=demo") == ["arena-1"] }
        // A server that stood still for a moment is back with its next beat.
        try await eventually("it is found by all that it says") {
            try await list("--where", "players=0", "--where", "map=\"demo\"", "--serving") == ["arena-1"]
        }
        #expect(try await list("--where", "map=other") == [])
        // It does not say how many fit.
        #expect(try await list("--room", "1") == [])
        try await eventually("it is listed") { try await list() == ["arena-1"] }

        server.stop(signal: SIGKILL)
        try await eventually("its beat ends") { try await list().isEmpty }
    }

    @Test(
        "bad filters are usage",
        arguments: [["--where", "map"], ["--where", "=x"], ["--room", "0"], ["--limit", "0"]])
    func usage(flags: [String]) async throws {
        let outcome = try await Tool().run(["server", "list", "--json"] + flags)
        #expect(outcome.status == 64)
        #expect(try outcome.errorCode() == "usage")
    }
}
