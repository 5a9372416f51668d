import TestServers
import Testing

@Suite struct RepairVerbTests {
    private func put(_ text: String, _ tool: Tool) async throws {
        let put = try await tool.run("profile", "put", "players", "42", "-", input: text)
        #expect(put.status == 0, "\(put.errors)")
    }

    private func scan(_ collection: String, _ tool: Tool) async throws -> [[String: Any]] {
        let doctor = try await tool.run("doctor", "--records", collection, "--json").json()
        return doctor["damaged"] as? [[String: Any]] ?? []
    }

    @Test(
        "a turned byte in a document and in history is found, and repaired where that is possible",
        arguments: ToolStore.Kind.allCases)
    func repairs(kind: ToolStore.Kind) async throws {
        let (tool, store) = try await ToolStore.start(kind)
        try await put(#"{"coins":1}"#, tool)
        #expect(try await tool.run("history", "snapshot", "players", "42").status == 0)
        try await put(#"{"coins":2}"#, tool)
        #expect(try await scan("players", tool).isEmpty)

        // Redis still has the very save.
        _ = try await store.damage("record", where: "collection = 'players'")
        #expect(try await tool.run("profile", "get", "players", "42", "--json").errorCode() == "corrupt")
        #expect(try await scan("players", tool).map { $0["key"] as? String } == ["42"])
        let hot = try await tool.run("profile", "repair", "players", "42", "--yes", "--json").json()
        #expect(hot["source"] as? String == "hotCopy" && hot["version"] as? Int == 3)
        #expect(try await tool.run("profile", "get", "players", "42").output == "{\"coins\":2}\n")

        // And now it has no copy: the newest kept version that can be read.
        try await put(#"{"coins":4}"#, tool)
        let bytes = try await store.damage("record", where: "collection = 'players'")
        let unlocked = try await tool.run("migrate", "--after-restore")
        #expect(unlocked.status == 0)
        // Another checksum than the copy's: what Redis has is not this save.
        try await store.execute("UPDATE record SET checksum = checksum + 1 WHERE collection = 'players'")
        // A full hour that struck meanwhile has kept a version of its own.
        try await store.execute("DELETE FROM history WHERE reason IS NULL")
        let preview = try await tool.run("profile", "repair", "players", "42", "--dry-run", "--json").json()
        #expect(preview["repaired"] as? Bool == false && preview["document"] is String)
        let done = try await tool.run("profile", "repair", "players", "42", "--yes", "--json").json()
        #expect(done["source"] as? String == "version 1" && done["quarantined"] as? Int == 4)
        #expect(try await tool.run("profile", "get", "players", "42").output == "{\"coins\":1}\n")
        let kept = try await store.rows(
            "SELECT \(store.hex("payload")) FROM history WHERE reason = 'quarantine' AND version = 4")
        #expect(kept == [bytes])

        _ = try await store.damage("history", where: "version = 1")
        #expect(try await scan("players", tool).map { $0["versions"] as? [Int] } == [[1]])
        let refused = try await tool.run("history", "restore", "players", "42", "--version", "1", "--yes", "--json")
        #expect(try refused.errorCode() == "corrupt")
    }

    @Test("history restore brings a version back over a damaged one, which is kept byte for byte")
    func restoresOverDamage() async throws {
        let (tool, store) = try await ToolStore.start(.sqlite)
        try await put(#"{"coins":1}"#, tool)
        #expect(try await tool.run("history", "snapshot", "players", "42").status == 0)
        try await put(#"{"coins":2}"#, tool)
        let bytes = try await store.damage("record", where: "collection = 'players'")
        let restored = try await tool.run("history", "restore", "players", "42", "--version", "1", "--yes", "--json")
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(try await tool.run("profile", "get", "players", "42").output == "{\"coins\":1}\n")
        let kept = try await store.rows("SELECT \(store.hex("payload")) FROM history WHERE version = 2")
        #expect(kept == [bytes])
    }

    @Test("a damaged chunk of a world is told of until it is given up")
    func world() async throws {
        let (tool, store) = try await ToolStore.start(.sqlite)
        let lines = (0..<2).map { #"{"x":\#($0),"z":0,"blocks":[[1,256]]}"# }
        let imported = try await tool.run("world", "import", "42", "-", input: lines.joined(separator: "\n") + "\n")
        #expect(imported.status == 0, "\(imported.output)\(imported.errors)")
        _ = try await store.damage("part", where: "version > 0")
        #expect(try await tool.run("world", "info", "42").status == 65)
        let damaged = try #require(try await scan("worlds", tool).first)
        let key = try #require(damaged["key"] as? String)
        #expect((damaged["parts"] as? [String])?.count == 1)
        #expect(try await tool.run("profile", "repair", "worlds", key, "--yes", "--json").errorCode() == "corrupt")
        let repaired = try await tool.run("profile", "repair", "worlds", key, "--drop-parts", "--yes", "--json")
        #expect(repaired.status == 0, "\(repaired.errors)")
        #expect(try await tool.run("world", "info", "42", "--json").json()["chunks"] as? Int == 1)
        #expect(try await scan("worlds", tool).isEmpty)
    }
}
