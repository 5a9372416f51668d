#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The time of day for the dates of rows and the hours of history; no fence depends on it.
public enum WallClock {
    /// Milliseconds since 1970, UTC.
    public static func milliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }
}
