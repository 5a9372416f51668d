extension Duration {
    /// Whole milliseconds, rounded up, so that nothing is due too early; at most 10,000 years.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let bound: Int64 = 315_360_000_000
        return min(max(seconds, -bound), bound) * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
