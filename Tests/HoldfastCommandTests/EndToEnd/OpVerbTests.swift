import Foundation
import HoldfastProfiles
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct OpVerbTests {
    private func rows(_ outcome: Tool.Outcome) throws -> [[String: Any]] {
        try #require(try outcome.json()["rows"] as? [[String: Any]], "\(outcome.errors)")
    }

    @Test("an operation is delivered once, listed, shown on each record, and cancelled while it is pending")
    func life() async throws {
        let tool = try Tool()
        let grant = ["op", "deliver", "players", "42", "grant.coins", #"{"coins": 250}"#, "--id", "match:9"]
        let first = try await tool.run(grant + ["--json"])
        #expect(first.status == 0, "\(first.errors)")
        let row = try first.json()
        #expect(row["id"] as? String == "match:9" && row["collection"] as? String == "players")
        #expect(row["key"] as? String == "42" && row["type"] as? String == "grant.coins")
        #expect(row["state"] as? String == "pending" && row["attempts"] as? Int == 0)
        #expect(row["lastError"] is NSNull && row["finishedAt"] is NSNull && row["delivered"] as? Bool == true)
        #expect((row["payload"] as? [String: Int]) == ["coins": 250])
        #expect(try #require(row["deliveredAt"] as? String).hasSuffix("Z"))

        let again = try await tool.run(grant)
        #expect(again.output == "match:9 was delivered before; it is pending\n")
        let other = try await tool.run(
            "op", "deliver", "players", "42", "grant.coins", "{}", "--id", "match:9", "--json")
        #expect(other.status == 75)
        #expect(try other.errorCode() == "fenced")
        #expect(try await tool.run("op", "deliver", "guilds", "g", "levy", "[]", "--id", "match:9").status == 0)
        #expect(try await tool.run("op", "deliver", "players", "42", "levy", "1", "--id", "levy:1").status == 0)

        let page = try await tool.run("op", "list", "players", "42", "--limit", "1", "--json")
        #expect(try rows(page).map { $0["id"] as? String } == ["match:9"])
        let next = try #require(try page.json()["next"] as? String)
        let rest = try await tool.run("op", "list", "players", "42", "--after", next, "--json")
        #expect(try rows(rest).map { $0["id"] as? String } == ["levy:1"])
        #expect(try rest.json()["next"] is NSNull)
        let shown = try rows(try await tool.run("op", "show", "match:9", "--json"))
        #expect(shown.map { $0["collection"] as? String } == ["players", "guilds"])

        let cancelled = try await tool.run("op", "cancel", "match:9", "--json")
        #expect(try rows(cancelled).map { $0["state"] as? String } == ["cancelled", "cancelled"])
        #expect(try await tool.run("op", "cancel", "match:9").status == 0)
        #expect(try await tool.run(grant).output == "match:9 was delivered before; it is cancelled\n")
        for verb in [["show", "never"], ["cancel", "never"], ["requeue", "never", "--as", "x"]] {
            let missing = try await tool.run(["op"] + verb + ["--json"])
            #expect(missing.status == 66)
            #expect(try missing.errorCode() == "notFound")
        }
        #expect(try await tool.run("op", "dead").output == "no dead letters\n")
    }

    @Test("a dead letter is listed with its payload, requeued beside a live server, and applied there")
    func dead() async throws {
        try await withShop { tool, shop in
            let session = try await shop.open(try Key("42"))
            let delivered = try await tool.run("op", "deliver", "shop", "42", "enter", "{}", "--id", "enter:1")
            #expect(delivered.status == 0, "\(delivered.errors)")
            let patience = Duration.seconds(60)
            #expect(try await shop.result(of: "enter:1", key: try Key("42"), timeout: patience).state == .dead)
            let dead = try rows(try await tool.run("op", "dead", "--collection", "shop", "--json"))
            #expect(dead.map { $0["lastError"] as? String } == ["no ticket"])
            #expect(dead.map { $0["attempts"] as? Int } == [1] && dead[0]["payload"] is [String: Any])
            #expect(try rows(try await tool.run("op", "dead", "--collection", "players", "--json")).isEmpty)

            try session.edit { $0.tickets = 1 }
            let requeue = ["op", "requeue", "enter:1", "--as", "enter:2", "--json"]
            let requeued = try await tool.run(requeue)
            #expect(try rows(requeued).map { $0["id"] as? String } == ["enter:2"], "\(requeued.errors)")
            #expect(try await shop.result(of: "enter:2", key: try Key("42"), timeout: patience).state == .applied)
            #expect(session.document.entries == 1)
            #expect(try rows(try await tool.run(requeue)).map { $0["state"] as? String } == ["applied"])
            let twice = try await tool.run("op", "requeue", "enter:1", "--as", "enter:3", "--json")
            #expect(twice.status == 75)
            #expect(try twice.errorCode() == "fenced")
            let late = try await tool.run("op", "cancel", "enter:2", "--json")
            #expect(late.status == 75 && late.errors.contains("applied already"))
            #expect(try rows(try await tool.run("op", "dead", "--json")).isEmpty)
            try await session.close()
        }
    }

    @Test("bad input says what is wrong, in one line")
    func badInput() async throws {
        try await Tool().expectRefusals(
            of: "op",
            [
                (["deliver", "players", "1", "t", "{", "--id", "a"], 65, "badInput"),
                (["deliver", "players", "1", "t", "{}", "--id", ""], 65, "badInput"),
                (["deliver", "players", "1", "", "{}", "--id", "a"], 65, "badInput"),
                (["deliver", "players", "1", "t", "{}"], 64, "usage"),
                (["deliver", "../x", "1", "t", "{}", "--id", "a"], 65, "badInput"),
                (
                    ["deliver", "players", "1", "t", "\"\(String(repeating: "x", count: 65_536))\"", "--id", "a"], 65,
                    "badInput"
                ),
                (["list", "players", "1", "--limit", "0"], 64, "usage"),
                (["list", "players", "1", "--after", "x"], 64, "usage"),
                (["dead", "--collection", "no good"], 65, "badInput"),
                (["requeue", "a", "--as", ""], 65, "badInput"),
                (["show", String(repeating: "i", count: 201)], 65, "badInput"),
            ])
    }
}

private struct Visitor: Codable, Sendable {
    var tickets = 0
    var entries = 0
}

private struct Enter: ProfileOperation {
    static let name = "enter"

    func apply(to visitor: inout Visitor) throws {
        guard visitor.tickets > 0 else { throw OperationRefusal("no ticket") }
        visitor.entries += 1
    }
}

/// Runs a server that handles the operations of this file while `body` runs.
private func withShop(_ body: @escaping @Sendable (Tool, ProfileCollection<Visitor>) async throws -> Void) async throws
{
    try await withServer { tool, coordinator in
        var options = CollectionOptions<Visitor> { _ in Visitor() }
        try options.handle(Enter.self)
        try await body(tool, try coordinator.collection("shop", of: Visitor.self, options: options))
    }
}
