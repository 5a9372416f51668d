import HoldfastGameplay
import Testing

@Suite struct DailyRewardsTests {
    private static let hour: Int64 = 3_600_000
    /// 2026-11-21 00:00 UTC.
    private static let start: Int64 = 1_795_219_200_000

    private func at(day: Int64, hour: Int64 = 12) -> Int64 { Self.start + day * 24 * Self.hour + hour * Self.hour }

    @Test("a day is claimed once, and days in a row make a streak")
    func streak() throws {
        var rewards = DailyRewards()
        for day in 0..<9 {
            let claim = try #require(try rewards.claim(at: at(day: Int64(day))))
            #expect(claim.streak == day + 1)
            #expect(try claim.position(inCalendarOf: 7) == day % 7)
            #expect(try rewards.claim(at: at(day: Int64(day), hour: 23)) == nil)
        }
        #expect(rewards.totalDaysClaimed == 9)
        #expect(rewards.lastClaimDate?.description == "2026-11-29")
    }

    @Test("a missed day ends a streak, and the best one is kept")
    func missed() throws {
        var rewards = DailyRewards()
        for day: Int64 in [0, 1, 2] { _ = try rewards.claim(at: at(day: day)) }
        #expect(try rewards.streak(at: at(day: 3)) == 3)
        #expect(try rewards.streak(at: at(day: 4)) == 0)
        let claim = try #require(try rewards.claim(at: at(day: 4)))
        #expect(claim.streak == 1)
        #expect(rewards.bestStreak == 3)
    }

    @Test("grace forgives that many missed days and no more", arguments: [0, 1, 3])
    func grace(days: Int) throws {
        let rules = try DailyRules(resetHour: 0, graceDays: days)
        var forgiven = DailyRewards()
        _ = try forgiven.claim(at: at(day: 0), rules)
        var ended = forgiven
        #expect(try forgiven.claim(at: at(day: Int64(days) + 1), rules)?.streak == 2)
        #expect(try ended.claim(at: at(day: Int64(days) + 2), rules)?.streak == 1)
    }

    @Test("days begin at the reset hour")
    func resetHour() throws {
        let rules = try DailyRules(resetHour: 5)
        var rewards = DailyRewards()
        let claim = try #require(try rewards.claim(at: at(day: 1, hour: 4), rules))
        #expect(claim.id == "daily:2026-11-21")
        #expect(try rewards.nextClaim(at: at(day: 1, hour: 4), rules) == at(day: 1, hour: 5))
        #expect(try !rewards.canClaim(at: at(day: 1, hour: 5) - 1, rules))
        #expect(try rewards.claim(at: at(day: 1, hour: 5), rules)?.streak == 2)
    }

    @Test("a clock that is behind claims nothing and harms nothing")
    func clockBehind() throws {
        var rewards = DailyRewards()
        _ = try rewards.claim(at: at(day: 5))
        let before = rewards
        #expect(try rewards.claim(at: at(day: 4)) == nil)
        #expect(rewards == before)
        #expect(try rewards.claim(at: at(day: 6))?.streak == 2)
    }

    @Test("times and rules outside their limits are refused")
    func badInput() throws {
        var rewards = DailyRewards()
        expectRefusal(.badInput) { _ = try rewards.claim(at: -1) }
        expectRefusal(.badInput) { _ = try rewards.claim(at: .max) }
        expectRefusal(.badInput) { _ = try DailyRules(resetHour: 24) }
        expectRefusal(.badInput) { _ = try DailyRules(resetHour: 0, graceDays: -1) }
        let claim = try #require(try rewards.claim(at: 0))
        expectRefusal(.badInput) { _ = try claim.position(inCalendarOf: 0) }
        // 1969-12-31 from the fifth hour on.
        var early = DailyRewards()
        #expect(try early.claim(at: 0, try DailyRules(resetHour: 5))?.id == "daily:1969-12-31")
    }

    @Test("the stored form is readable, and older ones are read")
    func storedForm() throws {
        var rewards = DailyRewards()
        _ = try rewards.claim(at: at(day: 0))
        let text = #"{"bestStreak":1,"currentStreak":1,"lastClaimDate":"2026-11-21","totalDaysClaimed":1}"#
        #expect(try encoded(rewards) == text)
        #expect(try decoded(DailyRewards.self, text) == rewards)
        let older = try decoded(DailyRewards.self, #"{"currentStreak":4,"lastClaimDate":null,"totalDaysClaimed":9}"#)
        #expect(older.bestStreak == 4)
        #expect(throws: (any Error).self) { try decoded(DailyRewards.self, #"{"currentStreak":-1}"#) }
        #expect(throws: (any Error).self) { try decoded(DailyRewards.self, #"{"lastClaimDate":"2026-02-30"}"#) }
    }

    @Test("dates follow the calendar over leap years and centuries")
    func dates() throws {
        for (text, number) in [
            ("1970-01-01", 0), ("1972-02-29", 789), ("1999-12-31", 10_956), ("2000-02-29", 11_016),
            ("2100-03-01", 47_541), ("9999-12-31", 2_932_896), ("1969-12-31", -1),
        ] as [(String, Int64)] {
            let day = try #require(GameDay(text))
            #expect(day.number == number, "\(text)")
            #expect(day.description == text)
        }
        for text in ["2100-02-29", "2026-13-01", "2026-1-01", "2026-04-31", "", "2026-04-00", "+026-04-01"] {
            #expect(GameDay(text) == nil, "\(text)")
        }
        // Every day of 600 years is read as what it is written.
        var expected = try #require(GameDay("1700-01-01")).number
        for year in 1_700..<2_300 {
            for month in 1...12 {
                for day in 1...31 {
                    let text = "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
                    guard let parsed = GameDay(text) else { continue }
                    guard parsed.number == expected else {
                        Issue.record("\(text) is day \(parsed.number), not \(expected)")
                        return
                    }
                    expected += 1
                }
            }
        }
    }
}
