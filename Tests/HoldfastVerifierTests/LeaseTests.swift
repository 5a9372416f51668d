import Testing

@Suite("A lease that was not free")
struct LeaseTests {
    /// A session loses its lease to another one that found it free, while both processes are busy.
    private func theft(busyVictim: Bool = true, busyThief: Bool = true) throws -> History {
        let history = try History.correct()
        let victim = try history.open("3", on: "s1")
        let other = try history.open("4", on: "s2")
        try busy(history, [busyVictim ? victim : nil, busyThief ? other : nil])
        try history.open("3", on: "s2")
        try busy(history, [busyVictim ? victim : nil])
        return history
    }

    /// Six seconds, four leases, of a line every 100 ms.
    private func busy(_ history: History, _ holders: [History.Holder?]) throws {
        for _ in 0..<60 {
            history.now += 90_000_000
            for holder in holders.compactMap({ $0 }) {
                history.journal("refused", by: holder, #""version":0"#)
            }
        }
    }

    @Test("counts when the victim was demonstrably running")
    func stolenLease() throws {
        let verdict = try theft().verdict()
        #expect(verdict.staleWritesAccepted == 1)
        #expect(verdict.problemCount == 1)
    }

    @Test("is no offence when Redis lost its data")
    func redisFaults() throws {
        let history = try theft()
        history.redisFaults = true
        #expect(try history.verdict().ok)
    }

    @Test("is no offence when one of the processes may have been frozen", arguments: [(true, false), (false, true)])
    func frozenProcess(busyVictim: Bool, busyThief: Bool) throws {
        #expect(try theft(busyVictim: busyVictim, busyThief: busyThief).verdict().ok)
    }

    @Test("is no offence when the owner's end in order was written a moment later")
    func lateLine() throws {
        let history = try History.correct()
        let first = try history.open("3", on: "s1")
        let other = try history.open("4", on: "s2")
        try busy(history, [first, other])
        try history.open("3", on: "s2")
        history.journal("ended", by: first, #""reason":"closed""#)
        let still = try history.open("5", on: "s1")
        try busy(history, [still, other])
        #expect(try history.verdict().problems == [])
    }

    @Test("is no offence when the owner released the row first")
    func releasedRow() throws {
        let history = try History.correct()
        let first = try history.open("3", on: "s1")
        let other = try history.open("4", on: "s2")
        try busy(history, [first, other])
        try history.save(first, releases: true)
        try history.open("3", on: "s2")
        history.journal("ended", by: first, #""reason":"closed""#)
        try busy(history, [first, other])
        #expect(try history.verdict().problems == [])
    }
}
