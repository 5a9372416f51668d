import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct BoardVerbTests {
    @Test("scores are submitted, imported, ranked, paged, counted and removed")
    func roundTrip() async throws {
        let tool = try Tool()
        let first = try await tool.run("board", "submit", "arena", "ada", "1200", "--subscore", "3", "--fast", "--json")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output == #"{"rank":1,"member":"ada","score":1200,"subscore":3}"# + "\n")
        let lines = "bob,900\n\"e,v\"\"e\", 900 ,7\r\n\nmax,9223372036854775807\n"
        let imported = try await tool.run("board", "import", "arena", "-", "--fast", "--json", input: lines)
        #expect(imported.output == #"{"imported":3,"failed":0}"# + "\n", "\(imported.errors)")

        let page = try await tool.run("board", "top", "arena", "--count", "2", "--json").json()
        #expect(Self.rows(page) == ["1 max 9223372036854775807 0", "2 ada 1200 3"])
        #expect(page["previous"] is NSNull)
        let next = try #require(page["next"] as? String)
        let rest = try await tool.run("board", "top", "arena", "--after", next, "--json").json()
        #expect(Self.rows(rest) == ["3 e,v\"e 900 7", "4 bob 900 0"])
        #expect(rest["next"] is NSNull)
        let back = try await tool.run(
            "board", "top", "arena", "--count", "1", "--after", try #require(rest["previous"] as? String), "--json")
        #expect(Self.rows(try back.json()) == ["2 ada 1200 3"])
        let some = try await tool.run("board", "top", "arena", "--min", "900", "--max", "1200", "--json").json()
        #expect(Self.rows(some) == ["2 ada 1200 3", "3 e,v\"e 900 7", "4 bob 900 0"])

        let friends = try await tool.run(
            "board", "top", "arena", "--members", "-", "--json", input: "bob\nnobody\nmax\n")
        #expect(Self.rows(try friends.json()) == ["1 max 9223372036854775807 0", "4 bob 900 0"])
        #expect((try friends.json()["rows"] as? [[String: Any]])?.map { $0["subsetRank"] as? Int } == [1, 2])
        let rank = try await tool.run("board", "rank", "arena", "bob", "--json")
        #expect(rank.output == #"{"rank":4,"member":"bob","score":900,"subscore":0}"# + "\n")
        let around = try await tool.run("board", "around", "arena", "ada", "--count", "3", "--json").json()
        #expect(Self.rows(around) == ["1 max 9223372036854775807 0", "2 ada 1200 3", "3 e,v\"e 900 7"])

        #expect(try await tool.run("board", "remove", "arena", "max").status == 0)
        #expect(try await tool.run("board", "remove", "arena", "max").status == 66)
        #expect(try await tool.run("board", "count", "arena", "--json").output == "{\"count\":3}\n")
        #expect(try await tool.run("board", "count", "arena", "--min", "901").output == "1\n")
        let text = try await tool.run("board", "top", "arena")
        #expect(
            text.lines == [
                "RANK  MEMBER  SCORE  SUBSCORE", "1     ada     1200   3", "2     e,v\"e   900    7",
                "3     bob     900    0",
            ])
        let empty = try await tool.run("board", "around", "arena", "nobody", "--json").json()
        #expect(Self.rows(empty) == [])
    }

    @Test("bad lines of an import are reported and the others go on")
    func badLines() async throws {
        let tool = try Tool()
        let lines = "a,1\nb\nc,1.5\nd,99999999999999999999\n\"e,1\n,5\nf,1,x\ng,2,3,4\nh,-9\n"
        let outcome = try await tool.run("board", "import", "arena", "-", "--fast", "--json", input: lines)
        #expect(outcome.status == 65)
        let reports = outcome.lines.dropLast().map {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        #expect(reports.map { $0?["line"] as? Int } == [2, 3, 4, 5, 6, 7, 8])
        #expect(reports.allSatisfy { $0?["code"] as? String == "badInput" })
        #expect(outcome.lines.last == #"{"imported":2,"failed":7}"#)
        let top = try await tool.run("board", "top", "arena", "--json").json()
        #expect(Self.rows(top) == ["1 a 1 0", "2 h -9 0"])
    }

    @Test(
        "wrong arguments are refused with the word and code of their kind",
        arguments: [
            (["submit", "arena", "a", "1", "--operator", "max"], 64, "usage"),
            (["submit", "arena", "a", "1.5"], 64, "usage"),
            (["submit", "arena", "", "1"], 65, "badInput"),
            (["submit", "", "a", "1"], 65, "badInput"),
            (["top", "arena", "--count", "0"], 64, "usage"),
            (["top", "arena", "--after", "zz"], 65, "badInput"),
            (["top", "arena", "--after", "00", "--watch"], 64, "usage"),
            (["around", "arena", "a", "--count", "101"], 64, "usage"),
            (["count", "arena", "--min", "2", "--max", "1"], 64, "usage"),
            (["rank", "arena", "nobody"], 66, "notFound"),
            (["top", "arena", "--season", "nothing"], 66, "notFound"),
        ])
    func wrongArguments(_ arguments: [String], _ status: Int32, _ code: String) async throws {
        let outcome = try await SharedTool.tool.get().run(
            ["board"] + arguments
                + ["--fast", "--json"].filter {
                    $0 != "--fast" || arguments[0] == "submit"
                })
        #expect(outcome.status == status, "\(outcome.output) \(outcome.errors)")
        #expect(try outcome.errorCode() == code)
    }

    @Test("a watched board is printed again when it changes, and an interruption ends it")
    func watch() async throws {
        let tool = try Tool()
        #expect(try await tool.run("board", "submit", "arena", "ada", "5", "--fast").status == 0)
        let scratch = try TemporaryFolder()
        let watcher = try tool.start(["board", "top", "arena", "--watch", "--json"], in: scratch)
        func lines() -> [String] {
            ((try? String(contentsOfFile: scratch.file("out"), encoding: .utf8)) ?? "").split(separator: "\n").map(
                String.init)
        }
        try await eventually("the first page is printed") { lines().count == 1 }
        #expect(try await tool.run("board", "submit", "arena", "bob", "7", "--fast").status == 0)
        try await eventually("the changed page is printed") { lines().count == 2 }
        #expect(lines()[1].contains("bob"))
        #expect(watcher.stop(signal: SIGINT) == 130)
    }

    private static func rows(_ page: [String: Any]) -> [String] {
        (page["rows"] as? [[String: Any]] ?? []).map { row in
            "\(row["rank"] ?? "") \(row["member"] ?? "") \(row["score"] ?? "") \(row["subscore"] ?? "")"
        }
    }

    private enum SharedTool {
        static let tool = Result { try Tool() }
    }
}
