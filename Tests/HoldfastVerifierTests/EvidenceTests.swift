import Foundation
import HoldfastVerifier
import Testing

@Suite("Evidence")
struct EvidenceTests {
    @Test("a torn last line of a killed process is tolerated and counted")
    func tornLastLine() throws {
        let history = try History.correct()
        history.ending["s2"] = "\n{\"at\":1200000000000,\"kind\":\"sav"
        let verdict = try history.verdict()
        #expect(verdict.ok)
        #expect(verdict.seen.tornLines == 1)
    }

    @Test("a whole last line without its line break counts")
    func missingLineBreak() throws {
        let history = try History.correct()
        history.ending["s1"] = ""
        let verdict = try history.verdict()
        #expect(verdict.seen.tornLines == 0)
        #expect(verdict.seen.saves == 11)
    }

    @Test(
        "a damaged line is refused and named",
        arguments: [
            "garbage", "", "{\"at\":1,\"kind\":\"sav", #"{"at":1,"kind":"dreamt"}"#, #"{"kind":"applied","key":"1"}"#,
            #"{"at":1,"kind":"applied","key":"1","id":"x","version":1.5}"#,
            #"{"at":1,"kind":"ended","owner":"xyz","reason":"closed"}"#, #"{"at":1,"at":2,"kind":"refused","key":"1"}"#,
        ])
    func damagedLine(line: String) throws {
        let history = try History.correct()
        history.journals["s1"]?.insert(line, at: 3)
        let error = #expect(throws: VerifierError.self) { try history.verdict() }
        #expect(error?.code == .badJournal)
        #expect(error?.message.contains("s1-boot.jsonl line 4") == true)
    }

    @Test("journals of another deployment are refused")
    func otherDeployment() throws {
        let history = try History.correct()
        let error = #expect(throws: VerifierError.self) { try history.verdict(deployment: "production") }
        #expect(error?.code == .badInput)
    }

    @Test("a store without a commit log cannot be judged")
    func noCommitLog() throws {
        let history = try History.correct()
        try CommitLog.remove(at: history.store)
        try CommitLog.remove(at: history.store)
        let error = #expect(throws: VerifierError.self) { try history.verdict() }
        #expect(error?.code == .notFound)
    }

    @Test("installing the commit log again keeps its entries")
    func installTwice() throws {
        let history = try History.correct()
        try CommitLog.install(at: history.store)
        let holder = try history.open("3", on: "s1")
        try history.save(holder) { $0.earned += 1 }
        let verdict = try history.verdict()
        #expect(verdict.problems == [])
        // Five seals, eleven saves, and the two of key 3.
        #expect(verdict.seen.commits == 18)
    }

    @Test("a log installed on rows that exist starts from them")
    func installLate() throws {
        let history = try History.correct()
        try CommitLog.remove(at: history.store)
        try CommitLog.install(at: history.store)
        history.journals = ["s1": []]
        history.ending["s1"] = ""
        let holder = try history.open("1", on: "s1", how: "takeOver")
        try history.save(holder) { $0.earned += 1 }
        #expect(try history.verdict().problems == [])
    }

    @Test("a store that is missing or not migrated is refused")
    func missingStore() throws {
        let history = try History.correct()
        let missing = #expect(throws: VerifierError.self) {
            try CommitLog.install(at: .sqlite(path: history.folder.file("none.sqlite")))
        }
        #expect(missing?.code == .notFound)
        #expect(!FileManager.default.fileExists(atPath: history.folder.file("none.sqlite")))
        try history.sql("DROP TABLE record")
        let foreign = #expect(throws: VerifierError.self) { try CommitLog.install(at: history.store) }
        #expect(foreign?.code == .notFound)
    }

    @Test("a PostgreSQL that does not answer is unavailable")
    func unreachablePostgres() throws {
        let error = #expect(throws: VerifierError.self) {
            try CommitLog.install(at: .postgres(url: "postgres://nobody@/none?host=/nonexistent", password: nil))
        }
        #expect(error?.code == .unavailable)
        #expect(error?.isRetriable == true)
    }

    @Test("store addresses are read as the command writes them")
    func storeLocations() throws {
        #expect(try StoreLocation(url: "sqlite:/a/b.sqlite") == .sqlite(path: "/a/b.sqlite"))
        let url = "postgres://u@h:5432/db?host=/s"
        #expect(try StoreLocation(url: url, password: "p") == .postgres(url: url, password: "p"))
        for bad in ["memory:", "sqlite:", "/a/b.sqlite", "mysql://x"] {
            let error = #expect(throws: VerifierError.self) { try StoreLocation(url: bad) }
            #expect(error?.code == .badInput)
        }
    }
}
