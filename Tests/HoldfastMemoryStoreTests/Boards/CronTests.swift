import Foundation
import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct CronTests {
    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "UTC")!
        return calendar
    }()

    private static func millis(_ text: String) throws -> Int64 {
        let parsed = try #require(ISO8601DateFormatter().date(from: text))
        return Int64(parsed.timeIntervalSince1970) * 1_000
    }

    @Test("days turn into dates as the calendar has them")
    func civilDates() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let day = Int.random(in: -100_000...2_900_000, using: &generator)
            let date = CivilDate(daysSince1970: day)
            let parts = Self.calendar.dateComponents(
                [.year, .month, .day, .weekday], from: Date(timeIntervalSince1970: Double(day) * 86_400))
            let found = [date.year, date.month, date.day, date.weekday]
            let wanted: [Int] = [parts.year!, parts.month!, parts.day!, parts.weekday! - 1]
            #expect(found == wanted)
        }
    }

    @Test(
        "the next and the last match of an expression",
        arguments: [
            ("0 0 * * *", "2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("*/15 * * * *", "2026-03-01T12:15:00Z", "2026-03-01T12:30:00Z", "2026-03-01T12:15:00Z"),
            ("5/20 3 * * *", "2026-03-01T03:30:00Z", "2026-03-01T03:45:00Z", "2026-03-01T03:25:00Z"),
            ("0 9-17/4 * * mon-fri", "2026-03-06T14:00:00Z", "2026-03-06T17:00:00Z", "2026-03-06T13:00:00Z"),
            ("0 9-17/4 * * mon-fri", "2026-03-06T18:00:00Z", "2026-03-09T09:00:00Z", "2026-03-06T17:00:00Z"),
            ("0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
            ("0 0 29 FEB *", "2097-01-01T00:00:00Z", "2104-02-29T00:00:00Z", "2096-02-29T00:00:00Z"),
            ("0 0 31 * *", "2026-04-01T00:00:00Z", "2026-05-31T00:00:00Z", "2026-03-31T00:00:00Z"),
            // Both day fields restricted: either one.
            ("0 0 13 * fri", "2026-03-01T00:00:00Z", "2026-03-06T00:00:00Z", "2026-02-27T00:00:00Z"),
            ("0 0 13 * fri", "2026-03-10T00:00:00Z", "2026-03-13T00:00:00Z", "2026-03-06T00:00:00Z"),
            // One of them starts with a star: both.
            ("0 0 */2 * fri", "2026-03-01T00:00:00Z", "2026-03-13T00:00:00Z", "2026-02-27T00:00:00Z"),
            ("0 0 * * 7", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("0 0 * * 0", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("0 0 * * 5-7", "2026-03-02T00:00:00Z", "2026-03-06T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("59 23 31 12 *", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z", "2026-12-31T23:59:00Z"),
            ("0,30 8,20 1,15 Jan,jul *", "2026-01-15T20:30:00Z", "2026-07-01T08:00:00Z", "2026-01-15T20:30:00Z"),
        ])
    func matches(_ expression: String, _ from: String, _ next: String, _ last: String) throws {
        let cron = try CronExpression(expression)
        let instant = try Self.millis(from)
        #expect(cron.next(after: instant) == (try Self.millis(next)))
        #expect(cron.last(through: instant) == (try Self.millis(last)))
    }

    @Test("an instant within a minute belongs to what came before it")
    func withinAMinute() throws {
        let cron = try CronExpression("30 12 * * *")
        let match = try Self.millis("2026-03-01T12:30:00Z")
        #expect(cron.next(after: match - 1) == match)
        #expect(cron.next(after: match) == match + 86_400_000)
        #expect(cron.last(through: match) == match)
        #expect(cron.last(through: match - 1) == match - 86_400_000)
        #expect(cron.last(through: match + 59_999) == match)
    }

    @Test(
        "what is no expression is refused",
        arguments: [
            "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *",
            "* * * 13 *", "* * * * 8", "-1 * * * *", "1- * * * *", "-5 * * * *", "5-1 * * * *", "*/0 * * * *",
            "*/61 * * * *", "1//2 * * * *", "1,,2 * * * *", ",1 * * * *", "1, * * * *", "a * * * *", "* * * foo *",
            "* * * * mon-", "@daily", "? * * * *", "* * L * *", "* * 15W * *", "* * * * fri#2", "+1 * * * *",
            "1.5 * * * *", "*5 * * * *", "** * * * *", "* * * * sat-sun", "001 * * * *", "١ * * * *",
            "0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 30-31 feb *",
        ])
    func refuses(_ text: String) {
        #expect(throws: MemoryStoreError.self) { try CronExpression(text) }
    }

    @Test("two spellings of the same times are equal")
    func equality() throws {
        func cron(_ text: String) throws -> CronExpression { try CronExpression(text) }
        #expect(try cron("0  0 * *   0") == cron("0 0 * * 7"))
        #expect(try cron("*/30 * * * *") == cron("0,30 * * * *"))
        #expect(try cron("0 0 * jan mon") == cron("0 0 * 1 1"))
        // A star leaves the choice to the other day field, a full range does not.
        #expect(try cron("0 0 1-31 * mon") != cron("0 0 * * mon"))
    }

    @Test("random expressions agree with a search minute by minute", arguments: 0..<150)
    func againstBruteForce(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let reference = CronReference(using: &generator)
        guard let cron = try? CronExpression(reference.text) else {
            Issue.record("\(reference.text) was refused")
            return
        }
        let start = Int64.random(in: 20_000_000...40_000_000, using: &generator) * 60_000
        let found = reference.next(after: start, minutes: 60 * 24 * 40)
        if let found {
            #expect(cron.next(after: start) == found, "\(reference.text) after \(start)")
        } else {
            #expect(cron.next(after: start).map { $0 > start + 60 * 24 * 40 * 60_000 } ?? true)
        }
        // What is found going back is where going forward arrives.
        let last = try #require(cron.last(through: start))
        #expect(cron.next(after: last - 1) == last)
        #expect(try #require(cron.next(after: last)) > start)
    }
}

/// Cron fields as plain sets, matched minute by minute with the calendar of Foundation.
private struct CronReference {
    let text: String
    private let fields: [Set<Int>]
    private let dayIsOpen: Bool
    private let weekdayIsOpen: Bool

    init(using generator: inout SeededGenerator) {
        var words: [String] = []
        var sets: [Set<Int>] = []
        for range in [0...59, 0...23, 1...28, 1...12, 0...6] {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                words.append("*")
                sets.append(Set(range))
            case 1:
                let step = Int.random(in: 1...7, using: &generator)
                words.append("*/\(step)")
                // The widest range of a day of month, not the one drawn from here.
                let last = range == 1...28 ? 31 : range.upperBound
                sets.append(Set(stride(from: range.lowerBound, through: last, by: step)))
            case 2:
                let first = Int.random(in: range, using: &generator)
                let last = Int.random(in: first...range.upperBound, using: &generator)
                words.append("\(first)-\(last)")
                sets.append(Set(first...last))
            default:
                let numbers = (0..<3).map { _ in Int.random(in: range, using: &generator) }
                words.append(numbers.map(String.init).joined(separator: ","))
                sets.append(Set(numbers))
            }
        }
        if words[2] == "*" { sets[2] = Set(1...31) }
        text = words.joined(separator: " ")
        fields = sets
        dayIsOpen = words[2].hasPrefix("*")
        weekdayIsOpen = words[4].hasPrefix("*")
    }

    /// The first match within so many minutes after `start`.
    func next(after start: Int64, minutes: Int) -> Int64? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "UTC")!
        var day: Int64 = .min
        var matchesDay = false
        for minute in 1...minutes {
            let instant = start + Int64(minute) * 60_000
            if instant / 86_400_000 != day {
                day = instant / 86_400_000
                let parts = calendar.dateComponents(
                    [.month, .day, .weekday], from: Date(timeIntervalSince1970: Double(instant) / 1_000))
                let byDay = fields[2].contains(parts.day!)
                let byWeekday = fields[4].contains(parts.weekday! - 1)
                matchesDay =
                    fields[3].contains(parts.month!)
                    && (dayIsOpen || weekdayIsOpen ? byDay && byWeekday : byDay || byWeekday)
            }
            let ofDay = Int(instant % 86_400_000 / 60_000)
            if matchesDay, fields[1].contains(ofDay / 60), fields[0].contains(ofDay % 60) { return instant }
        }
        return nil
    }
}
