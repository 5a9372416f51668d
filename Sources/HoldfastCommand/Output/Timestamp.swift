import Glibc

/// Reads and writes times as RFC 3339, UTC, with milliseconds.
enum Timestamp {
    /// For example `2026-05-04T12:00:00.123Z`.
    static func text(millis: Int64) -> String {
        let fraction = ((millis % 1_000) + 1_000) % 1_000
        var seconds = time_t((millis - fraction) / 1_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: some BinaryInteger, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(parts.tm_year + 1_900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
        let clock = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
        return "\(date)T\(clock).\(padded(fraction, 3))Z"
    }

    /// Reads `2026-05-04T12:00:00Z`, with a fraction and with an offset such as `+02:00` where they are given; nil for
    /// anything else.
    static func millis(_ text: String) -> Int64? {
        let form = /(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))/
            .asciiOnlyDigits()
        guard let match = text.wholeMatch(of: form)?.output else { return nil }
        func number(_ digits: Substring?) -> Int32 { digits.flatMap { Int32($0) } ?? 0 }
        var parts = tm()
        parts.tm_year = number(match.1) - 1_900
        parts.tm_mon = number(match.2) - 1
        parts.tm_mday = number(match.3)
        parts.tm_hour = number(match.4)
        parts.tm_min = number(match.5)
        parts.tm_sec = number(match.6)
        let given = parts
        let seconds = Int64(timegm(&parts))
        // `timegm` takes the 31st of April for the 1st of May.
        guard parts.tm_mon == given.tm_mon, parts.tm_mday == given.tm_mday, parts.tm_hour == given.tm_hour,
            parts.tm_min == given.tm_min, parts.tm_sec == given.tm_sec, number(match.9) < 24, number(match.10) < 60
        else { return nil }
        let offset = Int64(number(match.9) * 60 + number(match.10)) * 60 * (match.8 == "-" ? -1 : 1)
        let fraction = Int64((String(match.7 ?? "") + "000").prefix(3)) ?? 0
        return (seconds - offset) * 1_000 + fraction
    }

    /// Milliseconds since 1970 by this machine's clock.
    static func nowMillis() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }
}
