/// A schedule in the five fields of cron (minute, hour, day of month, month, day of week), in UTC.
///
/// Each field is a comma-separated list of `*`, `N` and `N-M`, each optionally with `/STEP` (`N/STEP` counts from `N`
/// to the end); months and weekdays also by their first three English letters; Sunday is 0 or 7. When both day fields
/// are restricted, a day matches by either of them; a field that starts with `*` leaves the choice to the other, as in
/// Vixie cron. Extensions (`L`, `W`, `#`, `?`, seconds, years, `@daily`) are refused.
public struct CronExpression: Sendable, Equatable, CustomStringConvertible {
    /// The fields as they were given, with one space between them.
    public let description: String
    private let minute: CronField
    private let hour: CronField
    private let day: CronField
    private let month: CronField
    private let weekday: CronField

    /// Reads an expression.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput`, naming the field, or when no date ever matches.
    public init(_ text: String) throws(MemoryStoreError) {
        let words = text.split { $0 == " " || $0 == "\t" }
        guard words.count == CronField.Kind.allCases.count else {
            throw MemoryStoreError(.badInput, "a cron expression has five fields, not \(words.count)")
        }
        var fields: [CronField] = []
        for (word, kind) in zip(words, CronField.Kind.allCases) {
            guard let field = CronField(word, kind) else {
                throw MemoryStoreError(.badInput, "\(word.debugDescription) is no \(kind.rawValue) field of cron")
            }
            fields.append(field)
        }
        (minute, hour, day, month, weekday) = (fields[0], fields[1], fields[2], fields[3], fields[4])
        description = words.joined(separator: " ")
        guard next(after: 0) != nil else {
            throw MemoryStoreError(.badInput, "no date ever matches \(description.debugDescription)")
        }
    }

    /// Two spellings of the same times are equal.
    public static func == (left: CronExpression, right: CronExpression) -> Bool {
        left.minute.bits == right.minute.bits && left.hour.bits == right.hour.bits
            && left.month.bits == right.month.bits
            && left.day == right.day && left.weekday == right.weekday
    }

    /// The first matching minute after an instant, both in milliseconds since 1970.
    func next(after millis: Int64) -> Int64? {
        let first = millis.flooredDivision(by: 60_000) + 1
        let firstDay = first.flooredDivision(by: 1_440)
        for day in firstDay...firstDay + Int64(CivilDate.cycle) where matches(day) {
            let from = day == firstDay ? Int(first - day * 1_440) : 0
            if let minute = minuteOfDay(from: from) { return (day * 1_440 + Int64(minute)) * 60_000 }
        }
        return nil
    }

    /// The last matching minute at or before an instant, both in milliseconds since 1970.
    func last(through millis: Int64) -> Int64? {
        let last = millis.flooredDivision(by: 60_000)
        let lastDay = last.flooredDivision(by: 1_440)
        for day in (lastDay - Int64(CivilDate.cycle)...lastDay).reversed() where matches(day) {
            let through = day == lastDay ? Int(last - day * 1_440) : 1_439
            if let minute = minuteOfDay(through: through) { return (day * 1_440 + Int64(minute)) * 60_000 }
        }
        return nil
    }

    private func matches(_ daysSince1970: Int64) -> Bool {
        let date = CivilDate(daysSince1970: Int(daysSince1970))
        guard month.contains(date.month) else { return false }
        let byDay = day.contains(date.day)
        let byWeekday = weekday.contains(date.weekday)
        return day.isOpen || weekday.isOpen ? byDay && byWeekday : byDay || byWeekday
    }

    private func minuteOfDay(from start: Int) -> Int? {
        let (startHour, startMinute) = start.quotientAndRemainder(dividingBy: 60)
        if hour.contains(startHour), let minute = minute.first(from: startMinute) { return startHour * 60 + minute }
        guard let later = hour.first(from: startHour + 1), let minute = minute.first(from: 0) else { return nil }
        return later * 60 + minute
    }

    private func minuteOfDay(through end: Int) -> Int? {
        let (endHour, endMinute) = end.quotientAndRemainder(dividingBy: 60)
        if hour.contains(endHour), let minute = minute.last(through: endMinute) { return endHour * 60 + minute }
        guard let earlier = hour.last(through: endHour - 1), let minute = minute.last(through: 59) else { return nil }
        return earlier * 60 + minute
    }
}
