/// One day of a game: from its reset hour, in UTC, to the next day's.
///
/// In JSON and in text it is the date on which it began, as `2026-11-21`.
public struct GameDay: Hashable, Sendable, Comparable {
    static let millisPerDay: Int64 = 86_400_000
    static let millisPerHour: Int64 = 3_600_000

    /// Days since 1970-01-01.
    public let number: Int64

    /// The day that an instant belongs to.
    ///
    /// - Parameters:
    ///   - millis: Since 1970, UTC.
    ///   - resetHour: When days begin, 0 to 23: what comes before belongs to the day before.
    init(containing millis: Int64, resetHour: Int) {
        let shifted = millis - Int64(resetHour) * Self.millisPerHour
        number = shifted >= 0 ? shifted / Self.millisPerDay : (shifted + 1) / Self.millisPerDay - 1
    }

    /// When it began, in milliseconds since 1970.
    func begins(resetHour: Int) -> Int64 { number * Self.millisPerDay + Int64(resetHour) * Self.millisPerHour }

    /// Orders by time.
    public static func < (left: GameDay, right: GameDay) -> Bool { left.number < right.number }
}

extension GameDay: CustomStringConvertible {
    /// Reads a date of the Gregorian calendar; nil when there is no such date or it is written otherwise.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
        func digits(_ range: Range<Int>) -> Int64? {
            bytes[range].reduce(Int64?(0)) { sum, byte in
                guard let sum, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                return sum * 10 + Int64(byte - UInt8(ascii: "0"))
            }
        }
        guard let year = digits(0..<4), let month = digits(5..<7), let day = digits(8..<10), (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        number = Self.number(year: year, month: month, day: day)
        // The 31st of a shorter month would be another date.
        guard description == text else { return nil }
    }

    /// The date on which it began.
    public var description: String {
        func padded(_ number: Int64, _ count: Int) -> String {
            let digits = "\(number)"
            return String(repeating: "0", count: max(0, count - digits.count)) + digits
        }
        // Years begin in March here, so that the leap day is the last one; 400 of them are an era of 146,097 days.
        let days = number + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    private static func number(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension GameDay: Codable {
    /// Reads a date.
    ///
    /// - Throws: `DecodingError` for text that is none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let day = GameDay(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no date: \(text.debugDescription)")
        }
        self = day
    }

    /// Writes the date.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
