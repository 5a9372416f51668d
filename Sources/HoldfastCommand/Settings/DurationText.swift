/// Reads and writes durations the way settings and flags spell them: `500ms`, `30s`, `5m`, `2h`, `7d`.
enum DurationText {
    private static let units: [(suffix: String, millis: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// The longest duration a setting may have: 100 years.
    static let maximumMillis: Int64 = 36_500 * 86_400_000

    /// Reads digits followed by one unit; nil for anything else and for more than ``maximumMillis``.
    static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text.dropFirst(digits.count)
        guard let unit = units.first(where: { $0.suffix == suffix }), let count = Int64(digits),
            count <= maximumMillis / unit.millis
        else { return nil }
        return .milliseconds(count * unit.millis)
    }

    /// Writes a duration in the largest unit that divides it.
    static func format(_ duration: Duration) -> String {
        let millis = duration.wholeMillis
        guard millis > 0 else { return "0s" }
        for unit in units.reversed() where millis % unit.millis == 0 {
            return "\(millis / unit.millis)\(unit.suffix)"
        }
        return "\(millis)ms"
    }
}

extension Duration {
    /// The whole milliseconds, rounded down.
    var wholeMillis: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }

    /// Milliseconds with their fraction.
    var fractionalMillis: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1_000 + Double(attoseconds) / 1e15
    }
}
