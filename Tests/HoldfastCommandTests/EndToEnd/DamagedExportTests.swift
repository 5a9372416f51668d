import Foundation
import GRDB
import TestServers
import Testing

@testable import HoldfastCommand

@Suite("Exports of damaged data") struct DamagedExportTests {
    /// Runs one statement on the tool's own SQLite file.
    private func damage(_ tool: Tool, _ sql: String) async throws {
        try await DatabaseQueue(path: "\(tool.dataFolder)/holdfast.sqlite").write { try $0.execute(sql: sql) }
    }

    @Test("a world whose chunks are damaged replaces no file, names them, and leaves out only them")
    func world() async throws {
        let tool = try Tool()
        let lines = (0..<3).map { #"{"key":"\#($0),0","x":\#($0),"z":0,"blocks":[[7,256]],"chests":[]}"# }
        #expect(try await tool.run("world", "import", "42", "-", input: lines.joined(separator: "\n")).status == 0)
        let file = tool.folder.file("world.jsonl")
        #expect(try await tool.run("world", "export", "42", file).status == 0)
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        try await damage(tool, "UPDATE part SET checksum = checksum + 1 WHERE name = CAST('chunk/1,0' AS BLOB)")

        let refused = try await tool.run("world", "export", "42", file, "--json")
        #expect(refused.status == 65)
        #expect(try refused.errorCode() == "corrupt")
        #expect(refused.errors.contains("chunk 1,0") && !refused.errors.contains("chunk 2,0"), "\(refused.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: tool.folder.path).allSatisfy { !$0.contains("partial") }
        )

        let rest = try await tool.run("world", "export", "42")
        #expect(rest.status == 65)
        #expect(rest.lines == [lines[0], lines[2]])
        let info = try await tool.run("world", "info", "42", "--json")
        #expect(info.status == 65 && info.errors.contains("chunk 1,0"))
        #expect(try info.json()["chunks"] as? Int == 3)
        // Importing the older export mends it.
        #expect(try await tool.run("world", "import", "42", file).status == 0)
        #expect(try await tool.run("world", "export", "42").lines == lines)
    }

    @Test("a collection with a damaged profile replaces no file, and the others can still be taken")
    func profiles() async throws {
        let tool = try Tool()
        let lines = ["ann", "bob"].map { #"{"key":"\#($0)","data":{"coins":1}}"# }
        let file = tool.folder.file("players.jsonl")
        let input = lines.joined(separator: "\n")
        #expect(try await tool.run("profile", "import", "players", "-", input: input).status == 0)
        #expect(try await tool.run("profile", "export", "players", file).status == 0)
        try await damage(tool, "UPDATE record SET checksum = checksum + 1 WHERE key = CAST('ann' AS BLOB)")

        let refused = try await tool.run("profile", "export", "players", file, "--json")
        #expect(refused.status == 65)
        #expect(try refused.errorCode() == "corrupt")
        #expect(refused.errors.contains("ann"), "\(refused.errors)")
        #expect(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init) == lines)
        let rest = try await tool.run("profile", "export", "players")
        #expect(rest.status == 65)
        #expect(rest.lines == [lines[1]])
    }
}
