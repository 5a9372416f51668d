/// When a board starts a new season; always in UTC.
public enum ResetSchedule: Sendable, Equatable {
    /// One season for ever.
    case never
    /// Every day at 00:00.
    case daily
    /// Every Monday at 00:00.
    case weekly
    /// The first of every month at 00:00.
    case monthly
    /// Whenever the expression matches.
    case cron(CronExpression)

    /// Reads `never`, `daily`, `weekly`, `monthly` or a cron expression of five fields.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput`.
    public init(_ text: String) throws(MemoryStoreError) {
        if let word = Self.words.first(where: { $0.description == text }) {
            self = word
        } else {
            self = .cron(try CronExpression(text))
        }
    }

    private static let words: [ResetSchedule] = [.never, .daily, .weekly, .monthly]

    /// The first instant of a season after `millis`, both in milliseconds since 1970; nil when there is none.
    func next(after millis: Int64) -> Int64? {
        switch self {
        case .never: nil
        case .daily: days(millis) { $0 + 1 }
        case .weekly: days(millis) { Self.monday(notAfter: $0) + 7 }
        case .monthly: days(millis) { day in Self.firstOfMonth(notAfter: Self.firstOfMonth(notAfter: day) + 31) }
        case .cron(let expression): expression.next(after: millis)
        }
    }

    /// The last first instant of a season at or before `millis`; nil when there is none.
    func last(through millis: Int64) -> Int64? {
        switch self {
        case .never: nil
        case .daily: days(millis) { $0 }
        case .weekly: days(millis) { Self.monday(notAfter: $0) }
        case .monthly: days(millis) { Self.firstOfMonth(notAfter: $0) }
        case .cron(let expression): expression.last(through: millis)
        }
    }

    private func days(_ millis: Int64, _ change: (Int64) -> Int64) -> Int64 {
        change(millis.flooredDivision(by: 86_400_000)) * 86_400_000
    }

    private static func monday(notAfter day: Int64) -> Int64 {
        day - Int64((CivilDate(daysSince1970: Int(day)).weekday + 6) % 7)
    }

    private static func firstOfMonth(notAfter day: Int64) -> Int64 {
        day - Int64(CivilDate(daysSince1970: Int(day)).day - 1)
    }
}

extension ResetSchedule: CustomStringConvertible {
    /// What ``init(_:)`` reads.
    public var description: String {
        switch self {
        case .never: "never"
        case .daily: "daily"
        case .weekly: "weekly"
        case .monthly: "monthly"
        case .cron(let expression): expression.description
        }
    }
}
