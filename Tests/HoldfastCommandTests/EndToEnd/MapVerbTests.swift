import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct MapVerbTests {
    @Test("items of a sorted map are set, read, changed, listed in order and removed")
    func sortedMap() async throws {
        let tool = try Tool()
        let made = try await tool.run(
            "sorted-map", "set", "auctions", "sword", #"{"b": 1.0, "a": [true]}"#, "--ttl", "1h", "--sort-key", "250",
            "--json")
        #expect(made.status == 0, "\(made.errors)")
        #expect(try made.json()["replaced"] as? Bool == false)
        let get = try await tool.run("sorted-map", "get", "auctions", "sword", "--json")
        #expect(get.output == "{\"value\":{\"a\":[true],\"b\":1},\"sortKey\":250}\n")
        #expect(try await tool.run("sorted-map", "get", "auctions", "sword").output == "{\"a\":[true],\"b\":1}\n")

        let merged = try await tool.run(
            "sorted-map", "update", "auctions", "sword", "--merge", #"{"a":null}"#, "--ttl", "1h", "--json")
        #expect(merged.output == "{\"value\":{\"b\":1},\"sortKey\":250}\n")
        let added = try await tool.run(
            "sorted-map", "update", "auctions", "hits", "--add", "-3", "--ttl", "1h", "--sort-key", "-1", "--json")
        #expect(added.output == "{\"value\":-3,\"sortKey\":-1}\n", "\(added.errors)")
        let other = try await tool.run(
            "sorted-map", "update", "auctions", "hits", "--from", "4", "--to", "5", "--ttl", "1h", "--json")
        #expect(other.status == 75)
        #expect(try other.errorCode() == "fenced")
        #expect(try await tool.run("sorted-map", "set", "auctions", "é {*}", "null", "--ttl", "45d").status == 0)
        #expect(try await tool.run("sorted-map", "set", "auctions", "x", "--ttl", "1h", "--", "-5").status == 0)

        let size = try await tool.run("sorted-map", "size", "auctions", "--json")
        #expect(size.output == "{\"size\":4}\n")
        #expect(try await tool.keys("sorted-map", "range", "auctions") == ["hits", "sword", "x", "é {*}"])
        #expect(
            try await tool.keys("sorted-map", "range", "auctions", "--descending") == ["é {*}", "x", "sword", "hits"])
        #expect(
            try await tool.keys("sorted-map", "range", "auctions", "--above-sort-key", "-1", "--below-key", "y")
                == ["sword", "x"])

        #expect(try await tool.run("sorted-map", "remove", "auctions", "sword").status == 0)
        for verb in ["get", "remove"] {
            let gone = try await tool.run("sorted-map", verb, "auctions", "sword", "--json")
            #expect(gone.status == 66)
            #expect(try gone.errorCode() == "notFound")
            #expect((try gone.json()["error"] as? [String: Any])?["key"] as? String == "sword")
        }
    }

    @Test("items of a hash map are set, read, changed, listed and removed")
    func hashMap() async throws {
        let tool = try Tool()
        for index in 0..<5 {
            let set = try await tool.run("hash-map", "set", "m", "k\(index)", "\(index)", "--ttl", "1h", "--json")
            #expect(try set.json()["replaced"] as? Bool == false)
        }
        let added = try await tool.run("hash-map", "update", "m", "k1", "--add", "0.5", "--ttl", "1h", "--json")
        #expect(added.output == "{\"value\":1.5}\n")
        #expect(try await tool.run("hash-map", "get", "m", "k1").output == "1.5\n")
        #expect(try await tool.run("hash-map", "size", "m").output == "5\n")
        #expect(try await tool.keys("hash-map", "list", "m").sorted() == ["k0", "k1", "k2", "k3", "k4"])
        #expect(try await tool.run("hash-map", "remove", "m", "k1").status == 0)
        #expect(try await tool.run("hash-map", "get", "m", "k1").status == 66)
    }

    @Test("bad input says what is wrong, in one line")
    func badInput() async throws {
        try await Tool().expectRefusals(
            of: "sorted-map",
            [
                (["set", "m", "k", "{", "--ttl", "1h"], 65, "badInput"),
                (["set", "m", "", "1", "--ttl", "1h"], 65, "badInput"),
                (["set", "m", String(repeating: "k", count: 129), "1", "--ttl", "1h"], 65, "badInput"),
                (["set", "m", "k", "\"\(String(repeating: "x", count: 32_767))\"", "--ttl", "1h"], 65, "badInput"),
                (["set", "m", "k", "1", "--ttl", "46d"], 65, "badInput"),
                (["set", "m", "k", "1", "--ttl", "0s"], 65, "badInput"),
                (["set", "m", "k", "1", "--ttl", "soon"], 64, "usage"),
                (["set", "m", "k", "1"], 64, "usage"),
                (["set", "m", "k", "1", "--ttl", "1h", "--sort-key", "nan"], 64, "usage"),
                (["update", "m", "k", "--ttl", "1h"], 64, "usage"),
                (["update", "m", "k", "--ttl", "1h", "--add", "1", "--merge", "{}"], 64, "usage"),
                (["update", "m", "k", "--ttl", "1h", "--add", "\"1\""], 65, "badInput"),
                (["update", "m", "k", "--ttl", "1h", "--from", "1", "--to", "2"], 66, "notFound"),
                (["range", "m", "--limit", "201"], 64, "usage"),
                (["range", "m", "--after", "what"], 64, "usage"),
            ])
    }
}

extension Tool {
    /// The keys of all rows of a listing, read in pages of two.
    fileprivate func keys(_ arguments: String...) async throws -> [String] {
        var keys: [String] = []
        var after: [String] = []
        repeat {
            let page = try await run(arguments + ["--limit", "2", "--json"] + after).json()
            let rows = page["rows"] as? [[String: Any]] ?? []
            keys += rows.compactMap { $0["key"] as? String }
            #expect(rows.allSatisfy { $0["sortKey"] != nil && $0["value"] != nil })
            after = (page["next"] as? String).map { ["--after", $0] } ?? []
        } while !after.isEmpty
        return keys
    }
}
