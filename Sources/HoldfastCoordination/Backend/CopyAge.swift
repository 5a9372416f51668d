/// Carries moments of this process's clock to Redis as ages and back; rounding only ever makes a copy look older.
///
/// Pure. Ages are in milliseconds.
enum CopyAge {
    /// How old what was confirmed at `moment` is by now.
    static func millis(since moment: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Int64 {
        min(max((now - moment).wholeMillis, 0) + 1, BackendLimits.longestMillis)
    }

    /// The largest age that a reader who asks at `now` can use if it takes nothing from before `oldest`; nil for none.
    static func largest(since oldest: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Int64? {
        let millis = (now - oldest).wholeMillis - 1
        return millis >= 0 ? millis : nil
    }

    /// The moment that an age points back to, as answered to who asked at `asked`.
    static func moment(_ age: Int64, asked: ContinuousClock.Instant) -> ContinuousClock.Instant {
        asked - .milliseconds(age + 1)
    }
}
