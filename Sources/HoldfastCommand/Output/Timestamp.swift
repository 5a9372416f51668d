import Glibc

/// Writes times as RFC 3339, UTC, with milliseconds.
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

    /// Milliseconds since 1970 by this machine's clock.
    static func nowMillis() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }
}
