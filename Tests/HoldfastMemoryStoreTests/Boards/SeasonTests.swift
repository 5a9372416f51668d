import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct SeasonTests {
    private static let day: Int64 = 86_400_000
    /// 2026-03-04, a Wednesday, 10:00.
    private static let now: Int64 = 20_516 * day + 10 * 3_600_000

    private func calendar(_ schedule: ResetSchedule, _ tournament: Tournament? = nil) -> SeasonCalendar {
        SeasonCalendar(schedule: schedule, tournament: tournament)
    }

    @Test("a board without resets has one season for ever")
    func never() {
        let calendar = calendar(.never)
        let season = calendar.season(at: Self.now)
        #expect(season == Season(id: 0, endsAtMillis: nil))
        #expect(calendar.window(of: season) == 0..<Int64.max)
        #expect(calendar.ended(after: nil, by: Self.now, limit: 10).isEmpty)
        #expect(calendar.season(id: 0) == season)
        #expect(calendar.season(id: 1) == nil)
    }

    @Test(
        "days, weeks and months start at midnight UTC",
        arguments: [
            (ResetSchedule.daily, 20_516, 20_517), (.weekly, 20_514, 20_521), (.monthly, 20_513, 20_544),
        ])
    func starts(_ schedule: ResetSchedule, _ first: Int64, _ next: Int64) throws {
        let calendar = calendar(schedule)
        let season = calendar.season(at: Self.now)
        #expect(season == Season(id: first * Self.day, endsAtMillis: next * Self.day))
        #expect(calendar.season(at: first * Self.day) == season)
        #expect(calendar.season(at: next * Self.day - 1) == season)
        #expect(calendar.season(at: next * Self.day).id == next * Self.day)
        #expect(calendar.season(id: first * Self.day) == season)
        #expect(calendar.season(id: first * Self.day + 1) == nil)
    }

    @Test("the named schedules are the cron expressions that say the same", arguments: 0..<200)
    func namedSchedules(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let instant = Int64.random(in: 0...SeasonCalendar.instants.upperBound / 2, using: &generator)
        let pairs = [(ResetSchedule.daily, "0 0 * * *"), (.weekly, "0 0 * * mon"), (.monthly, "0 0 1 * *")]
        for (named, expression) in pairs {
            let cron = try CronExpression(expression)
            #expect(named.next(after: instant) == cron.next(after: instant))
            #expect(named.last(through: instant) == cron.last(through: instant))
        }
    }

    @Test("schedules read back what they print", arguments: ["never", "daily", "weekly", "monthly", "5 4 * * sun"])
    func text(_ text: String) throws {
        let schedule = try ResetSchedule(text)
        #expect(schedule.description == text)
        let again = try ResetSchedule(schedule.description)
        #expect(again == schedule)
        #expect(throws: MemoryStoreError.self) { try ResetSchedule("yearly") }
    }

    @Test("a tournament takes scores from its start, for its duration in each season, until its end")
    func tournamentWindows() {
        let start = Self.now
        let today = 20_516 * Self.day
        let tournament = Tournament(
            startsAtMillis: start, endsAtMillis: today + 2 * Self.day + 3_600_000, durationMillis: 12 * 3_600_000)
        let calendar = calendar(.daily, tournament)
        func window(_ day: Int64) -> Range<Int64> { calendar.window(of: calendar.season(at: today + day * Self.day)) }
        #expect(window(-1).isEmpty)
        #expect(window(0) == start..<start + 12 * 3_600_000)
        #expect(window(1) == today + Self.day..<today + Self.day + 12 * 3_600_000)
        #expect(window(2) == today + 2 * Self.day..<today + 2 * Self.day + 3_600_000)
        // After the end the last season stays the current one.
        #expect(calendar.season(at: today + 30 * Self.day).id == today + 2 * Self.day)
        #expect(calendar.nextOpen(from: 0)?.id == today)
        #expect(calendar.nextOpen(from: start + 13 * 3_600_000)?.id == today + Self.day)
        #expect(calendar.nextOpen(from: today + 2 * Self.day + 3_600_000) == nil)
        #expect(
            calendar.ended(after: nil, by: today + 30 * Self.day, limit: 10).map(\.id)
                == [today, today + Self.day, today + 2 * Self.day])
    }

    @Test("a single tournament ends once, at its end or after its duration")
    func singleTournament() {
        let byEnd = calendar(.never, Tournament(startsAtMillis: 1_000, endsAtMillis: 5_000))
        #expect(byEnd.ended(after: nil, by: 4_999, limit: 10).isEmpty)
        #expect(byEnd.ended(after: nil, by: 5_000, limit: 10).map(\.id) == [0])
        #expect(byEnd.ended(after: 0, by: 5_000, limit: 10).isEmpty)
        let byDuration = calendar(.never, Tournament(startsAtMillis: 1_000, durationMillis: 500))
        #expect(byDuration.window(of: byDuration.season(at: 0)) == 1_000..<1_500)
        #expect(byDuration.ended(after: nil, by: 1_500, limit: 10).map(\.id) == [0])
    }

    @Test("seasons that ended are named oldest first, the newest of them when there are too many")
    func ended() {
        let calendar = calendar(.daily)
        let today = 20_516 * Self.day
        let ended = calendar.ended(after: today - 5 * Self.day, by: Self.now, limit: 10)
        #expect(ended.map(\.id) == (1...4).reversed().map { today - $0 * Self.day })
        #expect(
            calendar.ended(after: today - 5 * Self.day, by: Self.now, limit: 2).map(\.id)
                == [today - 2 * Self.day, today - Self.day])
        #expect(calendar.ended(after: today - Self.day, by: Self.now, limit: 10).isEmpty)
    }

    @Test("every instant belongs to exactly one season", arguments: 0..<200)
    func partition(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let words = ["daily", "weekly", "monthly", "*/7 * * * *", "0 5 13 * fri", "30 2 29 2 *"]
        let schedule = try ResetSchedule(words[seed % words.count])
        let calendar = calendar(schedule)
        let instant = Int64.random(in: 0...4_000_000_000_000, using: &generator)
        let season = calendar.season(at: instant)
        let end = try #require(season.endsAtMillis)
        #expect(season.id <= instant && instant < end)
        #expect(calendar.season(at: end).id == end)
        #expect(calendar.season(at: end - 1) == season)
        if season.id >= 0 { #expect(calendar.season(id: season.id) == season) }
    }

    @Test(
        "impossible tournaments are refused",
        arguments: [
            Tournament(startsAtMillis: -1), Tournament(startsAtMillis: 5, endsAtMillis: 5),
            Tournament(startsAtMillis: 5, durationMillis: 0), Tournament(startsAtMillis: 5, capacity: 0),
            Tournament(startsAtMillis: 5, maximumSubmissions: 0), Tournament(startsAtMillis: .max),
            Tournament(startsAtMillis: 5, endsAtMillis: .max), Tournament(startsAtMillis: 5, capacity: 10_000_001),
        ])
    func refusals(_ tournament: Tournament) {
        #expect(throws: MemoryStoreError.self) { try tournament.check() }
    }
}
