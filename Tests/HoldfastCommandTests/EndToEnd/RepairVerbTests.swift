import Foundation
import GRDB
import TestServers
import Testing

@Suite struct RepairVerbTests {
    private let tool: Tool
    private let store: String

    init() throws {
        let folder = try TemporaryFolder()
        store = folder.file("store.sqlite")
        tool = try Tool(environment: ["HOLDFAST_STORE": "sqlite:\(store)"], folder: folder)
    }

    /// Turns over the last byte of a payload, as a bad disk would.
    private func damage(_ table: String, where condition: String) async throws -> Data {
        try await DatabaseQueue(path: store).write { database in
            let id = try Int64.fetchOne(database, sql: "SELECT rowid FROM \(table) WHERE \(condition)")
            var bytes = try Data.fetchOne(
                database, sql: "SELECT payload FROM \(table) WHERE rowid = ?", arguments: [id])!
            bytes[bytes.endIndex - 1] ^= 1
            try database.execute(
                sql: "UPDATE \(table) SET payload = ? WHERE rowid = ?", arguments: [bytes, id])
            return bytes
        }
    }

    private func put(_ text: String) async throws {
        let put = try await tool.run("profile", "put", "players", "42", "-", input: text)
        #expect(put.status == 0, "\(put.errors)")
    }

    private func scan(_ collection: String) async throws -> [[String: Any]] {
        let doctor = try await tool.run("doctor", "--records", collection, "--json").json()
        return doctor["damaged"] as? [[String: Any]] ?? []
    }

    @Test("a turned byte in a document, in history and in a chunk is found, and repaired where that is possible")
    func repairs() async throws {
        #expect(try await tool.run("migrate").status == 0)
        try await put(#"{"coins":1}"#)
        #expect(try await tool.run("history", "snapshot", "players", "42").status == 0)
        try await put(#"{"coins":2}"#)
        #expect(try await scan("players").isEmpty)

        // Redis still has the very save.
        _ = try await damage("record", where: "collection = 'players'")
        #expect(try await tool.run("profile", "get", "players", "42", "--json").errorCode() == "corrupt")
        #expect(try await scan("players").map { $0["key"] as? String } == ["42"])
        let hot = try await tool.run("profile", "repair", "players", "42", "--yes", "--json").json()
        #expect(hot["source"] as? String == "hotCopy" && hot["version"] as? Int == 3)
        #expect(try await tool.run("profile", "get", "players", "42").output == "{\"coins\":2}\n")

        // And now it has no copy: the newest kept version that can be read.
        try await put(#"{"coins":4}"#)
        let bytes = try await damage("record", where: "collection = 'players'")
        let unlocked = try await tool.run("migrate", "--after-restore")
        #expect(unlocked.status == 0)
        try await DatabaseQueue(path: store).write { database in
            // Another checksum than the copy's: what Redis has is not this save.
            try database.execute(sql: "UPDATE record SET checksum = checksum + 1 WHERE collection = 'players'")
            // A full hour that struck meanwhile has kept a version of its own.
            try database.execute(sql: "DELETE FROM history WHERE reason IS NULL")
        }
        let preview = try await tool.run("profile", "repair", "players", "42", "--dry-run", "--json").json()
        #expect(preview["repaired"] as? Bool == false && preview["document"] is String)
        let done = try await tool.run("profile", "repair", "players", "42", "--yes", "--json").json()
        #expect(done["source"] as? String == "version 1" && done["quarantined"] as? Int == 4)
        #expect(try await tool.run("profile", "get", "players", "42").output == "{\"coins\":1}\n")
        let kept = try await DatabaseQueue(path: store).read { database in
            try Data.fetchOne(database, sql: "SELECT payload FROM history WHERE reason = 'quarantine' AND version = 4")
        }
        #expect(kept == bytes)

        _ = try await damage("history", where: "version = 1")
        #expect(try await scan("players").map { $0["versions"] as? [Int] } == [[1]])
        let refused = try await tool.run("history", "restore", "players", "42", "--version", "1", "--yes", "--json")
        #expect(try refused.errorCode() == "corrupt")
    }

    @Test("history restore brings a version back over a damaged one, which is kept byte for byte")
    func restoresOverDamage() async throws {
        #expect(try await tool.run("migrate").status == 0)
        try await put(#"{"coins":1}"#)
        #expect(try await tool.run("history", "snapshot", "players", "42").status == 0)
        try await put(#"{"coins":2}"#)
        let bytes = try await damage("record", where: "collection = 'players'")
        let restored = try await tool.run("history", "restore", "players", "42", "--version", "1", "--yes", "--json")
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(try await tool.run("profile", "get", "players", "42").output == "{\"coins\":1}\n")
        let kept = try await DatabaseQueue(path: store).read { database in
            try Data.fetchOne(database, sql: "SELECT payload FROM history WHERE version = 2")
        }
        #expect(kept == bytes)
    }

    @Test("a damaged chunk of a world is told of until it is given up")
    func world() async throws {
        #expect(try await tool.run("migrate").status == 0)
        let lines = (0..<2).map { #"{"x":\#($0),"z":0,"blocks":[[1,256]]}"# }
        let imported = try await tool.run("world", "import", "42", "-", input: lines.joined(separator: "\n") + "\n")
        #expect(imported.status == 0, "\(imported.output)\(imported.errors)")
        _ = try await damage("part", where: "1")
        #expect(try await tool.run("world", "info", "42").status == 65)
        let damaged = try #require(try await scan("worlds").first)
        let key = try #require(damaged["key"] as? String)
        #expect((damaged["parts"] as? [String])?.count == 1)
        #expect(try await tool.run("profile", "repair", "worlds", key, "--yes", "--json").errorCode() == "corrupt")
        let repaired = try await tool.run("profile", "repair", "worlds", key, "--drop-parts", "--yes", "--json")
        #expect(repaired.status == 0, "\(repaired.errors)")
        #expect(try await tool.run("world", "info", "42", "--json").json()["chunks"] as? Int == 1)
        #expect(try await scan("worlds").isEmpty)
    }
}
