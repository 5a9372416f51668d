import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct ProfileVerbTests {
    @Test("a profile is put, read, listed and deleted")
    func roundTrip() async throws {
        let tool = try Tool()
        let put = try await tool.run(
            "profile", "put", "players", "42", "-", "--json", input: #"{"b": 1.0, "a": [true]}"#)
        #expect(put.status == 0, "\(put.errors)")
        #expect(try put.json()["version"] as? Int == 1)

        let get = try await tool.run("profile", "get", "players", "42")
        #expect(get.output == "{\"a\":[true],\"b\":1}\n")
        let meta = try await tool.run("profile", "get", "players", "42", "--meta").json()
        #expect(meta["key"] as? String == "42")
        #expect(meta["version"] as? Int == 1)
        #expect(meta["owner"] is NSNull)
        #expect((meta["updatedAt"] as? String)?.hasSuffix("Z") == true)
        #expect(meta["documentBytes"] as? Int == 18)

        let list = try await tool.run("profile", "list", "players", "--json").json()
        #expect((list["rows"] as? [[String: Any]])?.map { $0["key"] as? String } == ["42"])
        #expect(list["next"] is NSNull)
        let collections = try await tool.run("collection", "list", "--json").json()
        #expect((collections["rows"] as? [[String: Any]])?.first?["records"] as? Int == 1)

        let unsure = try await tool.run("profile", "delete", "players", "42", "--json")
        #expect(unsure.status == 64)
        #expect(try unsure.errorCode() == "usage")
        #expect(try await tool.run("profile", "delete", "players", "42", "--dry-run").status == 0)
        #expect(try await tool.run("profile", "get", "players", "42").status == 0)
        #expect(try await tool.run("profile", "delete", "players", "42", "--yes").status == 0)

        let gone = try await tool.run("profile", "get", "players", "42", "--json")
        #expect(gone.status == 66)
        #expect(try gone.errorCode() == "notFound")
        #expect((try gone.json()["error"] as? [String: Any])?["key"] as? String == "42")
        #expect(try await tool.run("profile", "delete", "players", "42", "--yes").status == 66)
    }

    @Test("a put with a version writes only over that version")
    func ifVersion() async throws {
        let tool = try Tool()
        #expect(try await tool.run("profile", "put", "p", "k", "-", "--if-version", "0", input: "{}").status == 0)
        let late = try await tool.run(
            "profile", "put", "p", "k", "-", "--if-version", "0", "--json", input: #"{"x":1}"#)
        #expect(late.status == 75)
        #expect(try late.errorCode() == "fenced")
        #expect(try await tool.run("profile", "get", "p", "k").output == "{}\n")
        #expect(
            try await tool.run("profile", "put", "p", "k", "-", "--if-version", "1", input: #"{"x":1}"#).status == 0)
    }

    @Test(
        "a bad document is refused and what is stored stays",
        arguments: [
            "", "[]", "{", #"{"a":1,"a":2}"#, #"{"a":NaN}"#, #"{"a":0.10000000000000000000001}"#,
            String(repeating: #"{"a":"#, count: 70) + "1" + String(repeating: "}", count: 70),
        ])
    func badDocument(document: String) async throws {
        let tool = try Tool()
        let put = try await tool.run("profile", "put", "p", "k", "-", "--json", input: document)
        #expect(put.status == 65)
        #expect(try put.errorCode() == "badInput")
        #expect(put.errors.split(separator: "\n").count == 1)
    }

    @Test("a document over 4 MiB is refused")
    func largeDocument() async throws {
        let tool = try Tool()
        let document = "{\"a\":\"\(String(repeating: "x", count: 4 << 20))\"}"
        let put = try await tool.run("profile", "put", "p", "k", "-", "--json", input: document)
        #expect(put.status == 65)
        #expect(try put.errorCode() == "badInput")
    }

    @Test("pages of a list follow each other by their cursors")
    func pages() async throws {
        let tool = try Tool()
        let keys = (0..<25).map { "k%\($0) é" }
        let input = keys.map { "{\"key\":\"\($0)\",\"data\":{}}" }.joined(separator: "\n")
        #expect(try await tool.run("profile", "import", "p", "-", input: input).status == 0)
        var found: [String] = []
        var after: [String] = []
        repeat {
            let page = try await tool.run(
                ["profile", "list", "p", "--limit", "10", "--starting-with", "k%", "--json"] + after
            ).json()
            found += (page["rows"] as? [[String: Any]] ?? []).compactMap { $0["key"] as? String }
            after = (page["next"] as? String).map { ["--after", $0] } ?? []
        } while !after.isEmpty
        #expect(found == keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }
}
