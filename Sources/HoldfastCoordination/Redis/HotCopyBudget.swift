/// Keeps hot copies from filling Redis up, so that leases never meet its memory limit.
///
/// Hot copies are given up once Redis uses three quarters of `maxmemory`; the rest is for leases. What Redis
/// uses is asked for at most once a second.
struct HotCopyBudget {
    /// The part of `maxmemory`, in percent, beyond which no hot copy is written.
    static let percent = 75
    /// How long one answer counts.
    static let interval = Duration.seconds(1)

    /// Whether Redis had room when last asked.
    private(set) var hasRoom = true
    private var askedAt: ContinuousClock.Instant?

    /// Says whether it is time to ask; the caller then passes `INFO memory` to ``learn(_:)``.
    mutating func shouldAsk(now: ContinuousClock.Instant) -> Bool {
        if let askedAt, now - askedAt < Self.interval { return false }
        askedAt = now
        return true
    }

    /// Takes the answer of `INFO memory`.
    ///
    /// Without a limit there is always room.
    mutating func learn(_ info: String) {
        guard let used = Self.number("used_memory", in: info), let limit = Self.number("maxmemory", in: info) else {
            return
        }
        hasRoom = limit == 0 || used < limit / 100 * Self.percent
    }

    private static func number(_ name: String, in info: String) -> Int? {
        info.split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix("\(name):") }
            .flatMap { Int($0.dropFirst(name.count + 1)) }
    }
}
