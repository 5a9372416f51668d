import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct BoardVerbTests {
    @Test("scores are submitted, imported, ranked, paged, counted and removed")
    func roundTrip() async throws {
        let tool = try Tool()
        #expect(try await tool.run("board", "create", "arena").status == 0)
        let first = try await tool.run("board", "submit", "arena", "ada", "1200", "--subscore", "3", "--json")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output == #"{"rank":1,"member":"ada","score":1200,"subscore":3}"# + "\n")
        let lines = "bob,900\n\"e,v\"\"e\", 900 ,7\r\n\nmax,9223372036854775807\n"
        let imported = try await tool.run("board", "import", "arena", "-", "--json", input: lines)
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

    @Test("fast scores are submitted and imported as durable ones are")
    func fast() async throws {
        let tool = try Tool()
        #expect(try await tool.run("board", "create", "arena").status == 0)
        let first = try await tool.run("board", "submit", "arena", "ada", "1200", "--subscore", "3", "--fast", "--json")
        #expect(first.output == #"{"rank":1,"member":"ada","score":1200,"subscore":3}"# + "\n", "\(first.errors)")
        let imported = try await tool.run(
            "board", "import", "arena", "-", "--fast", "--json", input: "bob,900\nmax,1300\n")
        #expect(imported.output == #"{"imported":2,"failed":0}"# + "\n", "\(imported.errors)")
        let page = try await tool.run("board", "top", "arena", "--json").json()
        #expect(Self.rows(page) == ["1 max 1300 0", "2 ada 1200 3", "3 bob 900 0"])
    }

    @Test("negative scores, subscores and bounds need no --")
    func negative() async throws {
        let tool = try Tool()
        #expect(try await tool.run("board", "create", "arena", "--operator", "set").status == 0)
        let submitted = try await tool.run(
            "board", "submit", "arena", "ada", "-15", "--subscore", "-3", "--fast", "--json")
        #expect(
            submitted.output == #"{"rank":1,"member":"ada","score":-15,"subscore":-3}"# + "\n", "\(submitted.errors)")
        #expect(try await tool.run("board", "submit", "arena", "bob", "--", "-9223372036854775808").status == 0)
        #expect(try await tool.run("board", "count", "arena", "--min", "-20", "--max", "-5").output == "1\n")
        for arguments in [[], ["1", "2"], ["1", "--nonsense"], ["-x"]] {
            let wrong = try await tool.run(["board", "submit", "arena", "ada"] + arguments + ["--json"])
            #expect(wrong.status == 64, "\(wrong.errors)")
        }
    }

    @Test("bad lines of an import are reported and the others go on")
    func badLines() async throws {
        let tool = try Tool()
        #expect(try await tool.run("board", "create", "arena").status == 0)
        let lines = "a,1\nb\nc,1.5\nd,99999999999999999999\n\"e,1\n,5\nf,1,x\ng,2,3,4\nh,-9\n"
        let outcome = try await tool.run("board", "import", "arena", "-", "--json", input: lines)
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

    @Test("wrong arguments are refused with the word and code of their kind")
    func wrongArguments() async throws {
        let tool = try Tool()
        #expect(try await tool.run("board", "create", "arena").status == 0)
        try await tool.expectRefusals(
            of: "board",
            [
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
                (["top", "arena", "--season", "7"], 66, "notFound"),
                (["submit", "nowhere", "a", "1"], 66, "notFound"),
                (["top", "nowhere"], 66, "notFound"),
                (["create", "arena", "--order", "asc"], 73, "badInput"),
                (["create", "arena", "--reset", "weekly"], 73, "badInput"),
                (["create", "other", "--reset", "61 * * * *"], 64, "usage"),
                (["create", "other", "--order", "up"], 64, "usage"),
                (["create", "other", "--shards", "65"], 65, "badInput"),
                (["create", ""], 65, "badInput"),
                (["list", "--limit", "0"], 64, "usage"),
                (["seasons", "nowhere"], 66, "notFound"),
                (["rebuild", "nowhere"], 66, "notFound"),
                (["remove", "arena", "nobody"], 66, "notFound"),
            ])
    }

    @Test("a watched board is printed again when it changes, and an interruption ends it")
    func watch() async throws {
        let tool = try Tool()
        #expect(try await tool.run("board", "create", "arena").status == 0)
        #expect(try await tool.run("board", "submit", "arena", "ada", "5").status == 0)
        let scratch = try TemporaryFolder()
        let watcher = try tool.start(["board", "top", "arena", "--watch", "--json"], in: scratch)
        func lines() -> [String] {
            ((try? String(contentsOfFile: scratch.file("out"), encoding: .utf8)) ?? "").split(separator: "\n").map(
                String.init)
        }
        try await eventually("the first page is printed") { lines().count == 1 }
        #expect(try await tool.run("board", "submit", "arena", "bob", "7").status == 0)
        try await eventually("the changed page is printed") { lines().count == 2 }
        #expect(lines()[1].contains("bob"))
        #expect(watcher.stop(signal: SIGINT) == 130)
    }

    @Test("boards are created once, with one set of parameters, and listed by name")
    func createAndList() async throws {
        let tool = try Tool()
        let settings = ["--order", "asc", "--operator", "incr", "--ties", "first", "--ranks", "dense", "--shards", "2"]
        let created = try await tool.run(["board", "create", "runs", "--reset", "daily", "--json"] + settings)
        #expect(created.status == 0, "\(created.errors)")
        let row = try created.json()
        #expect(
            ["name", "order", "operator", "ties", "ranks", "reset"].map { row[$0] as? String }
                == ["runs", "asc", "incr", "first", "dense", "daily"])
        #expect(row["shards"] as? Int == 2)
        let again = try await tool.run(["board", "create", "runs", "--reset", "daily", "--json"] + settings)
        #expect(again.output == created.output)
        let other = try await tool.run("board", "create", "runs", "--json")
        #expect(other.status == 73)
        #expect(
            other.errors.contains("other order, subscore order, operator, ties, ranks, shards, reset"),
            "\(other.errors)")
        #expect(try await tool.run("board", "create", "arena").status == 0)

        let list = try await tool.run("board", "list", "--limit", "1", "--json").json()
        #expect((list["rows"] as? [[String: Any]])?.map { $0["name"] as? String } == ["arena"])
        let rest = try await tool.run("board", "list", "--after", try #require(list["next"] as? String), "--json")
        #expect((try rest.json()["rows"] as? [[String: Any]])?.map { $0["name"] as? String } == ["runs"])
        #expect(try rest.json()["next"] is NSNull)
        #expect(try await tool.run("board", "list").lines.count == 3)
    }

    @Test("a season is listed and read by its id")
    func seasons() async throws {
        let tool = try Tool()
        #expect(try await tool.run("board", "create", "arena", "--reset", "monthly").status == 0)
        #expect(try await tool.run("board", "seasons", "arena", "--json").output == "{\"rows\":[],\"next\":null}\n")
        #expect(try await tool.run("board", "submit", "arena", "ada", "5").status == 0)
        let list = try await tool.run("board", "seasons", "arena", "--json").json()
        let season = try #require((list["rows"] as? [[String: Any]])?.first)
        #expect(season["members"] as? Int == 1 && season["isCurrent"] as? Bool == true)
        let id = try #require(season["id"] as? Int)
        let top = try await tool.run("board", "top", "arena", "--season", "\(id)", "--json").json()
        #expect(Self.rows(top) == ["1 ada 5 0"])
        #expect(try await tool.run("board", "top", "arena", "--season", "0").status == 66)
    }

    @Test("a flushed Redis gets its boards back from the store, by a reader or by a rebuild", arguments: [1, 3])
    func flushed(_ shards: Int) async throws {
        let redis = try await PrivateRedis.start()
        defer { redis.stop() }
        let tool = try Tool(environment: ["HOLDFAST_REDIS": "redis+unix://\(redis.socketPath)"])
        #expect(try await tool.run("migrate").status == 0)
        #expect(try await tool.run("board", "create", "arena", "--shards", "\(shards)").status == 0)
        let lines = (0..<300).map { "m\($0),\($0 * 7 % 300)\n" }.joined()
        #expect(try await tool.run("board", "import", "arena", "-", input: lines).status == 0)
        let before = try await tool.run("board", "top", "arena", "--count", "300", "--json")
        #expect(Self.rows(try before.json()).count == 300)
        try redis.flushAll()
        #expect(try await tool.run("board", "top", "arena", "--count", "300", "--json").output == before.output)
        try redis.flushAll()
        let rebuilt = try await tool.run("board", "rebuild", "arena", "--json")
        #expect(rebuilt.output == #"{"board":"arena","members":300}"# + "\n", "\(rebuilt.errors)")
        #expect(try await tool.run("board", "top", "arena", "--count", "300", "--json").output == before.output)
    }

    private static func rows(_ page: [String: Any]) -> [String] {
        (page["rows"] as? [[String: Any]] ?? []).map { row in
            "\(row["rank"] ?? "") \(row["member"] ?? "") \(row["score"] ?? "") \(row["subscore"] ?? "")"
        }
    }
}
