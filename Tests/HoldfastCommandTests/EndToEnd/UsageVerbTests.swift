import TestServers
import Testing

@Suite struct UsageVerbTests {
    @Test("sizes are shown for all collections, for one with its largest profiles, and for one profile")
    func sizes() async throws {
        let tool = try Tool()
        #expect(try await tool.run("usage").status == 66)
        let lines = (1...12).map { number in
            #"{"key":"k\#(number)","data":{"text":"\#(String(repeating: "x", count: number))"},"userIds":["u"]}"#
        }
        let imported = try await tool.run(
            "profile", "import", "players", "-", input: lines.joined(separator: "\n") + "\n")
        #expect(imported.status == 0, "\(imported.errors)")
        let full = String(repeating: "x", count: 3_400_000)
        let large = try await tool.run("profile", "put", "guilds", "g", "-", input: #"{"text":"\#(full)"}"#)
        #expect(large.status == 0, "\(large.errors)")

        let all = try await tool.run("usage", "--json").json()
        let rows = all["rows"] as? [[String: Any]] ?? []
        #expect(rows.map { $0["collection"] as? String } == ["guilds", "players"])
        #expect(rows.map { $0["warning"] as? Bool } == [true, false])
        let row = try #require(rows.last)
        #expect(row["records"] as? Int == 12)
        #expect(row["documentBytes"] as? Int == (1...12).reduce(0) { $0 + $1 + 11 })
        #expect(row["largestDocumentBytes"] as? Int == 23)
        #expect(row["documentLimitBytes"] as? Int == 4_194_304)
        #expect(row["parts"] as? Int == 0 && row["pendingOperations"] as? Int == 0)
        #expect(try await tool.run("usage").output.contains("WARNING"))

        let one = try await tool.run("usage", "players", "--json").json()
        let largest = (one["largest"] as? [[String: Any]] ?? []).compactMap { $0["key"] as? String }
        #expect(largest == (3...12).reversed().map { "k\($0)" })

        #expect(try await tool.run("op", "deliver", "players", "k5", "t", "{}", "--id", "1").status == 0)
        let record = try await tool.run("usage", "players", "k5", "--json").json()
        let limits = record["limits"] as? [[String: Any]] ?? []
        func used(_ name: String) -> Int? { limits.first { $0["name"] as? String == name }?["used"] as? Int }
        #expect(used("documentBytes") == 16 && used("userIds") == 1 && used("pendingOperations") == 1)
        #expect(used("parts") == 0 && used("historyVersions") == 0 && used("userIdBytes") == 1)
        #expect(record["warning"] as? Bool == false)
        #expect(try await tool.run("usage", "players", "k5").output.contains("documentBytes"))
        #expect(try await tool.run("usage", "players", "none").status == 66)
        #expect(try await tool.run("usage", "none").status == 66)
    }
}
