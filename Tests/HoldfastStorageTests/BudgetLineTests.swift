import Testing

@testable import HoldfastStorage

@Suite("A budget of requests")
struct BudgetLineTests {
    private let start = ContinuousClock.now
    private let late = ContinuousClock.now + .seconds(3_600)

    private func record(_ key: Int) throws -> RecordID {
        RecordID(collection: try CollectionName("test"), key: Key(key))
    }

    @Test("a burst goes at once, then the rate holds, and a quiet time fills the bucket no further than the burst")
    func rate() throws {
        var line = BudgetLine(RequestBudget(perSecond: 10, burst: 5), now: start)
        var gone = 0
        for id in UInt64(0)..<200 {
            let verdict = line.arrive(id, of: try record(1), isUrgent: false, deadline: late, now: start)
            if verdict == .goes { gone += 1 }
        }
        #expect(gone == 5)
        for tick in 1...500 { gone += line.advance(now: start + .milliseconds(tick * 20)).go.count }
        #expect((104...105).contains(gone))
        _ = line.removeAll()
        let quiet = start + .seconds(3_600)
        let verdicts = try (UInt64(0)..<10).map {
            line.arrive($0, of: try record(1), isUrgent: false, deadline: quiet + .seconds(1), now: quiet)
        }
        #expect(verdicts.count { $0 == .goes } == 5)
    }

    @Test("keys take turns: a hot one keeps no other waiting")
    func fairness() throws {
        var line = BudgetLine(RequestBudget(perSecond: 10, burst: 1), now: start)
        for id in UInt64(0)..<1_000 {
            _ = line.arrive(id, of: try record(1), isUrgent: false, deadline: late, now: start)
        }
        _ = line.arrive(5_000, of: try record(2), isUrgent: false, deadline: late, now: start)
        _ = line.arrive(5_001, of: nil, isUrgent: false, deadline: late, now: start)
        let gone = (1...4).flatMap { line.advance(now: start + .milliseconds($0 * 100)).go }
        #expect(gone == [1, 5_000, 5_001, 2])
    }

    @Test("what is urgent never waits, takes from the others, and starves them for no longer than a burst")
    func urgency() throws {
        var line = BudgetLine(RequestBudget(perSecond: 10, burst: 5), now: start)
        for id in UInt64(0)..<1_000 {
            #expect(line.arrive(id, of: try record(1), isUrgent: true, deadline: late, now: start) == .goes)
        }
        #expect(line.arrive(2_000, of: try record(2), isUrgent: false, deadline: late, now: start) == .waits)
        #expect(line.advance(now: start + .milliseconds(590)).go.isEmpty)
        #expect(line.advance(now: start + .milliseconds(610)).go == [2_000])
    }

    @Test("who hurries goes at once with all that waits of its record, and nobody else's")
    func hurry() throws {
        var line = BudgetLine(RequestBudget(perSecond: 1, burst: 1), now: start)
        for id in UInt64(0)..<5 {
            _ = line.arrive(id, of: try record(Int(id % 2)), isUrgent: false, deadline: late, now: start)
        }
        #expect(line.hurry(try record(1), now: start) == [1, 3])
        #expect(line.hurry(try record(1), now: start).isEmpty)
        func arrive(_ id: UInt64, _ key: Int) throws -> BudgetLine.Verdict {
            line.arrive(id, of: try record(key), isUrgent: false, deadline: late, now: start)
        }
        #expect(try arrive(10, 0) == .waits)
        #expect(try arrive(11, 1) == .goes)
        line.stopHurrying(try record(1))
        #expect(try arrive(12, 1) == .goes)
        line.stopHurrying(try record(1))
        line.stopHurrying(try record(1))
        #expect(try arrive(13, 1) == .waits)
        #expect(line.count == 4)
    }

    @Test("who waits is told at the deadline, who leaves takes no token, and the line has an end")
    func bounds() throws {
        var line = BudgetLine(RequestBudget(perSecond: 1, burst: 1), now: start)
        for id in UInt64(0)...3 {
            _ = line.arrive(
                id, of: try record(1), isUrgent: false, deadline: start + .milliseconds(Int64(id) * 100), now: start)
        }
        line.remove(3)
        let (go, expired) = line.advance(now: start + .milliseconds(150))
        #expect(go.isEmpty && expired == [1] && line.count == 1)
        for id in UInt64(10)..<UInt64(10 + BudgetLine.maximumCount) {
            _ = line.arrive(id, of: try record(1), isUrgent: false, deadline: late, now: start)
        }
        #expect(line.arrive(1, of: nil, isUrgent: false, deadline: late, now: start) == .refused)
        #expect(line.count == BudgetLine.maximumCount)
    }
}
