/// A day of the Gregorian calendar in UTC, counted from 1970-01-01.
///
/// The conversions follow the era arithmetic of Howard Hinnant's paper "chrono-Compatible Low-Level Date Algorithms".
struct CivilDate: Sendable, Equatable {
    let year: Int
    /// 1 to 12.
    let month: Int
    /// 1 to 31.
    let day: Int
    /// 0 for Sunday to 6.
    let weekday: Int

    /// The days after which dates and weekdays repeat: 400 years.
    static let cycle = 146_097

    init(daysSince1970 days: Int) {
        // Counted from March 1 of year 0, so that a leap day is the last of its year.
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: Self.cycle)
        let dayOfEra = shifted - era * Self.cycle
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        // 1970-01-01 was a Thursday.
        weekday = (days + 4) - (days + 4).flooredDivision(by: 7) * 7
    }
}

extension BinaryInteger {
    /// The quotient rounded towards minus infinity; `divisor` is positive.
    func flooredDivision(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
