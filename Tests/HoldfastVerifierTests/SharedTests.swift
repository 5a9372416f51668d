import Testing

@Suite("Boards and announcements before the verifier")
struct SharedTests {
    @Test("a correct history holds, lost answers included")
    func correct() throws {
        let history = try History.correct()
        try history.share()
        try history.finish()
        let verdict = try history.verdict()
        #expect(verdict.problems == [])
        #expect(verdict.ok && verdict.boardMismatches == 0)
        #expect(verdict.seen.scores == 12)
        #expect(verdict.seen.announcements == 3)
        #expect(verdict.seen.heard == 6)
    }

    @Test("what a killed server did not hear at its end is heard by the process that replaces it")
    func replaced() throws {
        let history = try History.correct()
        try history.share()
        history.listen("s3", after: 3)
        for sequence in [4, 5, 6] as [Int64] {
            try history.announce(sequence, of: "s1")
            for server in ["s1", "s2"] { history.hear(sequence, on: server) }
        }
        history.hear(4, on: "s3")
        // It died before it had noted where it stood.
        history.listen("s3.2", as: "s3", after: 3)
        for sequence in [4, 5, 6] as [Int64] { history.hear(sequence, on: "s3.2") }
        history.line(#""kind":"parting""#, of: "s3.2")
        // The last process of this one is killed, too.
        history.listen("s4", after: 4)
        history.hear(5, on: "s4")
        try history.finish()
        #expect(try history.verdict().problems == [])
    }

    @Test("an announcement whose answer was lost may be in the store or not, and is heard by all or by none")
    func unknown() throws {
        let history = try History.correct()
        try history.share()
        try history.announce(4, of: "s1", fate: nil)
        for server in ["s1", "s2"] { history.hear(4, on: server) }
        try history.announce(9, of: "s1", fate: nil, isStored: false)
        try history.finish()
        #expect(try history.verdict().problems == [])
    }

    @Test("a gap is an excuse where the log had given way")
    func gap() throws {
        let history = try History.correct()
        try history.share()
        history.miss(4...203, on: "s2")
        try history.overflow(missed: 203)
        try history.finish()
        #expect(try history.verdict().problems == [])
    }
}
