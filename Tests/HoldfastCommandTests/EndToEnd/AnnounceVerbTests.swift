import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct AnnounceVerbTests {
    @Test("what is published is heard from a number on, durable and fast")
    func publishAndTail() async throws {
        let tool = try Tool()
        for (number, message) in [#"{"b":1.0,"a":[true]}"#, "Restart at noon", "5"].enumerated() {
            let published = try await tool.run("announce", "publish", "news", message, "--json")
            #expect(published.status == 0, "\(published.errors)")
            #expect(try published.json()["sequence"] as? Int == number + 1)
            #expect(try published.json()["fast"] as? Bool == false)
        }
        let fast = try await tool.run("announce", "publish", "news", "quick", "--fast", "--ttl", "10m", "--json")
        #expect(try fast.json()["sequence"] as? Int == 1)

        let all = try await tool.run("announce", "tail", "news", "--from", "0", "--count", "4", "--json")
        #expect(all.status == 0, "\(all.errors)")
        let rows = try all.rows()
        #expect(rows.compactMap { $0["sequence"] as? Int } == [1, 2, 3, 1])
        #expect(all.lines[0].contains(#""message":{"a":[true],"b":1},"#))
        #expect(rows[1]["message"] as? String == "Restart at noon")
        #expect(rows[2]["message"] as? Int == 5)
        #expect(rows[3]["message"] as? String == "quick")
        #expect(rows.map { $0["fast"] as? Bool } == [false, false, false, true])
        #expect(rows.allSatisfy { ($0["publishedAt"] as? String)?.wholeMatch(of: /2.*T.*\.\d\d\dZ/) != nil })

        var some: [Int] = []
        // The time may be over before a slow machine has shown anything.
        for limit in ["500ms", "3s", "20s"] where some.count < 2 {
            let tail = try await tool.run("announce", "tail", "news", "--from", "2", "--for", limit, "--json")
            #expect(tail.status == 0, "\(tail.errors)")
            some = try tail.rows().compactMap { $0["sequence"] as? Int }
        }
        #expect(some == [2, 3])
        let text = try await tool.run("announce", "tail", "news", "--from", "2", "--count", "1")
        #expect(text.output.contains("#2  Restart at noon"))
    }

    @Test("a tail hears what is published while it runs, and an interrupt ends it")
    func live() async throws {
        let tool = try Tool()
        #expect(try await tool.run("announce", "publish", "news", "before").status == 0)
        let scratch = try TemporaryFolder()
        let tail = try tool.start(["announce", "tail", "news", "--json"], in: scratch)
        func heard() -> String { (try? String(contentsOfFile: scratch.file("out"), encoding: .utf8)) ?? "" }
        // Until it has subscribed nothing is heard, so something is said until it is.
        try await eventually("the tail hears") {
            _ = try await tool.run("announce", "publish", "news", "during")
            return heard().contains("during")
        }
        #expect(!heard().contains("before"))
        tail.signal(SIGINT)
        try await eventually("the tail ends") { !tail.isRunning }
        #expect(tail.stop() == 130)
    }

    @Test("a message that expired is not heard")
    func expired() async throws {
        let tool = try Tool()
        #expect(try await tool.run("announce", "publish", "news", "brief", "--ttl", "1ms").status == 0)
        #expect(try await tool.run("announce", "publish", "news", "long", "--ttl", "1h").status == 0)
        let tail = try await tool.run("announce", "tail", "news", "--from", "1", "--count", "1", "--json")
        #expect(try tail.rows().map { $0["message"] as? String } == ["long"])
    }

    @Test("bad input says what is wrong, in one line")
    func badInput() async throws {
        try await Tool().expectRefusals(
            of: "announce",
            [
                (["publish", "", "x"], 65, "badInput"),
                (["publish", String(repeating: "c", count: 129), "x"], 65, "badInput"),
                (["publish", "news", "{"], 65, "badInput"),
                (["publish", "news", String(repeating: "x", count: 32_767)], 65, "badInput"),
                (["publish", "news", "x", "--ttl", "46d"], 65, "badInput"),
                (["publish", "news", "x", "--ttl", "0s"], 65, "badInput"),
                (["publish", "news", "x", "--ttl", "soon"], 64, "usage"),
                (["publish", "news"], 64, "usage"),
                (["tail", "news", "--from", "-1"], 64, "usage"),
                (["tail", "news", "--from", "x"], 64, "usage"),
                (["tail", "news", "--count", "0"], 64, "usage"),
                (["tail", "news", "--for", "soon"], 64, "usage"),
                (["tail", ""], 65, "badInput"),
            ])
    }

    @Test("a gap is one row that says from where to where")
    func gapRow() throws {
        let known = try AnnouncementView.document(.gap(.init(flavor: .durable, from: 2, to: 5)))
        #expect(OutputWriter.text(known) == #"{"gap":{"from":2,"to":5,"fast":false}}"#)
        let unknown = try AnnouncementView.document(.gap(.init(flavor: .fast, from: 2, to: nil)))
        #expect(OutputWriter.text(unknown) == #"{"gap":{"from":2,"to":null,"fast":true}}"#)
    }
}

extension Tool.Outcome {
    /// Every line as a JSON object.
    fileprivate func rows() throws -> [[String: Any]] {
        try lines.map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }
}
