import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct HistoryVerbTests {
    @Test(
        "a version is kept, listed, read, compared and brought back, and what it replaces is kept",
        arguments: ToolStore.Kind.allCases)
    func roundTrip(kind: ToolStore.Kind) async throws {
        let (tool, _) = try await ToolStore.start(kind)
        func put(_ document: String) async throws {
            let run = try await tool.run("profile", "put", "players", "42", "-", input: document)
            #expect(run.status == 0, "\(run.errors)")
        }
        try await put(#"{"coins":1,"items":["a"]}"#)
        let kept = try await tool.run(
            "history", "snapshot", "players", "42", "--reason", "before the event", "--json")
        #expect(try kept.json()["version"] as? Int == 1, "\(kept.errors)")
        try await put(#"{"coins":2,"items":["a","b"]}"#)

        let list = try await tool.run("history", "list", "players", "42", "--json").json()
        let rows = list["rows"] as? [[String: Any]] ?? []
        #expect(rows.map { $0["version"] as? Int } == [2, 1])
        #expect(rows.map { $0["current"] as? Bool } == [true, false])
        #expect(rows.last?["reason"] as? String == "before the event")
        let old = try await tool.run("history", "get", "players", "42", "--version", "1")
        #expect(old.output == "{\"coins\":1,\"items\":[\"a\"]}\n")
        let now = try await tool.run(
            "history", "get", "players", "42", "--at", "2999-01-01T00:00:00+01:00", "--meta", "--json")
        #expect(try now.json()["version"] as? Int == 2)
        #expect(try now.json()["exact"] as? Bool == true)
        let diff = try await tool.run("history", "diff", "players", "42", "--version", "1", "--json").json()
        let places = (diff["rows"] as? [[String: Any]] ?? []).map { $0["path"] as? String }
        #expect(places == ["/coins", "/items/1"])

        let restore = ["history", "restore", "players", "42", "--version", "1", "--json"]
        #expect(try await tool.run(restore).status == 64)
        let planned = try await tool.run(restore + ["--dry-run"])
        #expect(try planned.json()["done"] as? Bool == false, "\(planned.errors)")
        #expect(try await tool.run("profile", "get", "players", "42").output.contains("\"coins\":2"))
        let done = try await tool.run(restore + ["--yes"])
        #expect(done.status == 0, "\(done.errors)")
        #expect(try done.json()["version"] as? Int == 3)
        #expect(try done.json()["replaced"] as? Int == 2)
        #expect(try await tool.run("profile", "get", "players", "42").output == old.output)
        let after = try await tool.run("history", "get", "players", "42", "--version", "2")
        #expect(after.output == "{\"coins\":2,\"items\":[\"a\",\"b\"]}\n")
    }

    @Test("what is not there and what is not meant is refused")
    func refused() async throws {
        let tool = try Tool()
        #expect(try await tool.run("profile", "put", "p", "k", "-", input: "{}").status == 0)
        for (arguments, status): ([String], Int32) in [
            (["get", "p", "k", "--version", "7"], 66), (["get", "p", "k", "--at", "2001-01-01T00:00:00Z"], 66),
            (["list", "p", "none"], 66), (["snapshot", "p", "none"], 66), (["get", "p", "k"], 64),
            (["get", "p", "k", "--at", "yesterday"], 64), (["get", "p", "k", "--version", "1", "--at", "x"], 64),
            (["restore", "p", "k", "--version", "1", "--yes"], 65),
            (["restore", "p", "k", "--version", "2", "--yes"], 66),
        ] {
            let run = try await tool.run(["history"] + arguments)
            #expect(run.status == status, "\(arguments): \(run.errors)")
        }
    }
}
