import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct ImportExportTests {
    /// Canonical lines with everything that real data may hold, in the order of the keys' bytes.
    private static let lines: [String] = {
        let documents = [
            #"{"a":0.1,"b":1e-7,"c":1.5e+300,"d":-0.25}"#,
            #"{"max":9223372036854775807,"min":-9223372036854775808,"unsigned":18446744073709551615}"#,
            #"{"big":[9007199254740991,9007199254740992,9007199254740993]}"#,
            "{\"\u{65}\u{301}\":1,\"\u{E9}\":2,\"🎮\":\"👩‍👩‍👧\"}",
            #"{"":{"control":"\u0000\u0001\u001f\"\\","deep":[[[[[[[[{}]]]]]]]]}}"#,
        ]
        let keys = [
            #"\u0000"#, "*", "0", ":", "a", "a:b", "e\u{301}", "key\\n", String(repeating: "x", count: 256), "{a}", "}",
            "\u{E9}", "🎮",
        ]
        return keys.enumerated().map { index, key in
            "{\"key\":\"\(key)\",\"data\":\(documents[index % documents.count])}"
        }
    }()

    @Test("what was imported is exported in canonical form and key order, and importing it again changes nothing")
    func roundTrip() async throws {
        let tool = try Tool()
        let lines = Self.lines
        let input = lines.reversed().joined(separator: "\n")
        let first = try await tool.run("profile", "import", "c", "-", "--json", input: input)
        #expect(first.status == 0, "\(first.errors)")
        #expect(try first.json()["imported"] as? Int == lines.count)

        let export = try await tool.run("profile", "export", "c")
        #expect(export.status == 0)
        #expect(export.lines == lines.map { $0.replacing("key\\n", with: "key\\n") })

        let again = try await tool.run("profile", "import", "c", "-", "--json", input: export.output)
        #expect(try again.json()["unchanged"] as? Int == lines.count)
        #expect(try again.json()["imported"] as? Int == 0)

        let file = tool.folder.file("out.jsonl")
        #expect(try await tool.run("profile", "export", "c", file, "--json").json()["exported"] as? Int == lines.count)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == export.output)
    }

    @Test("users and metadata travel with a line, and a line without them leaves them")
    func beside() async throws {
        let tool = try Tool()
        let line = #"{"key":"a","data":{"x":1},"userIds":["7","8"],"metadata":{"m":true}}"#
        #expect(try await tool.run("profile", "import", "c", "-", input: line).status == 0)
        #expect(try await tool.run("profile", "export", "c").lines == [line])
        #expect(
            try await tool.run("profile", "import", "c", "-", "--json", input: line).json()["unchanged"] as? Int == 1)
        #expect(try await tool.run("profile", "import", "c", "-", input: #"{"key":"a","data":{"x":2}}"#).status == 0)
        #expect(try await tool.run("profile", "export", "c").lines == [line.replacing("\"x\":1", with: "\"x\":2")])
    }

    @Test("a bad line is reported with its number, the others go on, and the exit code says so")
    func badLines() async throws {
        let tool = try Tool()
        let people = (0...1_000).map { "\"\($0)\"" }.joined(separator: ",")
        let input = """
            {"key":"a","data":{}}
            nonsense
            {"key":"b","data":[]}

            {"key":"c","data":{}}
            {"key":"d","data":{"x":1},"userIds":[\(people)]}
            """
        let run = try await tool.run("profile", "import", "c", "-", "--json", input: input)
        #expect(run.status == 65)
        let rows = try run.lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
        #expect(rows.compactMap { $0?["line"] as? Int } == [2, 3, 6])
        #expect(rows.compactMap { $0?["code"] as? String } == ["badInput", "badInput", "badInput"])
        #expect(rows.last??["imported"] as? Int == 2)
        #expect(rows.last??["failed"] as? Int == 3)
        #expect(try await tool.run("profile", "export", "c").lines.count == 2)
    }

    @Test("lines of one key take effect in their order")
    func order() async throws {
        let tool = try Tool()
        let input = (1...50).map { "{\"key\":\"a\",\"data\":{\"n\":\($0)}}" }.joined(separator: "\n")
        #expect(try await tool.run("profile", "import", "c", "-", input: input).status == 0)
        #expect(try await tool.run("profile", "get", "c", "a").output == "{\"n\":50}\n")
    }

    @Test(
        "an interrupted import tells what it did, and the same import afterwards is complete",
        arguments: [SIGINT, SIGTERM])
    func interrupted(number: Int32) async throws {
        let tool = try Tool()
        let scratch = try TemporaryFolder()
        guard mkfifo(scratch.file("in"), 0o600) == 0 else { throw TestServerError("no fifo") }
        let child = try tool.start(["profile", "import", "c", "-", "--json"], in: scratch)
        // Opened for both, so that neither side waits for the other.
        let pipe = open(scratch.file("in"), O_RDWR)
        defer { close(pipe) }
        let lines = (0..<20).map { "{\"key\":\"\($0)\",\"data\":{}}\n" }
        for line in lines { _ = line.withCString { write(pipe, $0, strlen($0)) } }
        try await eventually("some lines are saved") {
            try await tool.run("profile", "list", "c").lines.count > 1
        }
        let signalled = ContinuousClock.now
        child.signal(number)
        try await eventually("the import ends") { !child.isRunning }
        let took = ContinuousClock.now - signalled
        #expect(child.stop() == 130)
        let output = try String(contentsOfFile: scratch.file("out"), encoding: .utf8)
        let counts = try JSONDecoder().decode([String: Int].self, from: Data(output.utf8))
        #expect(Set(counts.keys) == ["imported", "unchanged", "failed"])
        #expect(try String(contentsOfFile: scratch.file("err"), encoding: .utf8).contains("interrupted"))

        let again = try await tool.run("profile", "import", "c", "-", "--json", input: lines.joined())
        #expect(again.status == 0, "\(again.output)\(again.errors)")
        let unchanged = try #require(try again.json()["unchanged"] as? Int)
        // What takes longer than the moment that an interrupted import waits may be saved without being counted.
        #expect(took < .milliseconds(1_500) ? unchanged == counts["imported"] : unchanged >= counts["imported"] ?? 0)
        #expect(try await tool.run("profile", "export", "c").lines.count == 20)
    }

    @Test("a reader that goes away ends an export without a trace")
    func closedPipe() async throws {
        let tool = try Tool()
        let padding = String(repeating: "x", count: 2_000)
        let input = (0..<200).map { "{\"key\":\"\($0)\",\"data\":{\"p\":\"\(padding)\"}}" }.joined(separator: "\n")
        #expect(try await tool.run("profile", "import", "c", "-", input: input).status == 0)
        let script = "\"$0\" profile export c 2>err | head -c 10 >/dev/null; cat err | wc -l"
        let lines = try ChildProcess.output(
            of: "/bin/bash", ["-c", script, try Tool.executable], environment: ["HOLDFAST_DATA_DIR": tool.dataFolder],
            folder: tool.folder.path)
        #expect((Int(lines.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 99) <= 1)
    }
}
