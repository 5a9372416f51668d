import Foundation
import TestServers
import Testing

@Suite struct AuditVerbTests {
    private func rows(_ tool: Tool, _ options: String...) async throws -> [[String: Any]] {
        let listed = try await tool.run(["audit", "list", "--json"] + options)
        #expect(listed.status == 0, "\(listed.errors)")
        return try listed.json()["rows"] as? [[String: Any]] ?? []
    }

    @Test("each change is listed with who, what, why and how it ended; looking is not")
    func lists() async throws {
        let tool = try Tool()
        #expect(try await tool.run("audit", "list").status == 66)
        let put = ["profile", "put", "players", "42", "-"]
        #expect(try await tool.run(put + ["--reason", "a wish"], input: "{}").status == 0)
        #expect(try await tool.run("profile", "get", "players", "42").status == 0)
        #expect(try await tool.run(put + ["--if-version", "7"], input: "{}").status == 75)
        #expect(try await tool.run("profile", "delete", "players", "42", "--dry-run").status == 0)
        #expect(try await tool.run("profile", "delete", "players", "42").status == 64)
        #expect(try await tool.run("profile", "import", "players", "-", input: "no JSON\n").status == 65)
        #expect(try await tool.run("sorted-map", "set", "m", "k", "1", "--ttl", "1m").status == 0)
        #expect(try await tool.run("op", "deliver", "players", "42", "t", "{}", "--id", "1").status == 0)

        let rows = try await rows(tool)
        #expect(
            rows.map { $0["verb"] as? String } == [
                "profile put", "profile put", "profile delete", "profile import", "sorted-map set", "op deliver",
            ])
        #expect(
            rows.map { $0["target"] as? String } == [
                "players/42", "players/42", "players/42", "players", "m/k", "players/42 t 1",
            ])
        #expect(
            rows.map { $0["outcome"] as? String } == ["done", "fenced", "usage", "exit 65", "done", "done"])
        let first = try #require(rows.first)
        #expect(first["reason"] as? String == "a wish" && rows[1]["reason"] is NSNull)
        for name in ["user", "host", "begunAt", "endedAt", "id"] { #expect((first[name] as? String)?.isEmpty == false) }

        let page = try await tool.run("audit", "list", "--limit", "2", "--after", "0", "--json").json()
        #expect((page["rows"] as? [Any])?.count == 2)
        let next = try #require(page["next"] as? String)
        #expect(try await self.rows(tool, "--after", next).count == 4)
        #expect(try await self.rows(tool, "--limit", "1").first?["verb"] as? String == "op deliver")
        let began = try #require(rows[3]["begunAt"] as? String)
        #expect(try await self.rows(tool, "--since", began).count == 3)
        #expect(try await self.rows(tool, "--since", "2999-01-01T00:00:00Z").isEmpty)
        #expect(try await tool.run("audit", "list").output.contains("a wish"))
        let long = String(repeating: "x", count: 501)
        #expect(try await tool.run(put + ["--reason", long], input: "{}").status == 64)
    }
}
