import Synchronization

/// When a changed session is saved on schedule: within the interval always, and not all sessions at once.
///
/// Every session has a phase of its own. Its turns come once in 0.95 intervals, and a change is saved at the first turn
/// that finds it at least 0.05 intervals old. So sessions that change together, those of a server that has just started
/// for example, are saved evenly over the interval; one that changes all the time is saved once a turn; and no change
/// waits longer than the interval. Turns less than half a second apart are taken together, so that where few sessions
/// change they share a commit. Pure: time comes in.
struct AutosavePace: Sendable {
    /// Which part of a turn the session's own lies after the others' common start, 0 to 1.
    private let phase: Double
    private let start: ContinuousClock.Instant
    private var failures = 0
    private var notBefore: ContinuousClock.Instant?

    /// The pace of the session that is opened as number `number`, from 0, since `start`.
    ///
    /// Multiples of the golden ratio spread any number of sessions evenly, whichever of them go.
    init(number: UInt64 = 0, start: ContinuousClock.Instant = .now) {
        phase = (Double(number & 0xFFFF_FFFF) * 0.618_033_988_749_894_9).truncatingRemainder(dividingBy: 1)
        self.start = start
    }

    /// Whether a change that is unsaved since then is due.
    func isDue(since: ContinuousClock.Instant, interval: Duration, now: ContinuousClock.Instant) -> Bool {
        guard now >= notBefore ?? now else { return false }
        guard interval > .zero else { return true }
        return turn(at: now, interval) > turn(at: since + interval * 0.05, interval)
    }

    /// How far apart the turns of different sessions are at least, where an interval has room for 20 of them.
    private static let step = Duration.milliseconds(500)

    /// How many turns have been before that time.
    private func turn(at instant: ContinuousClock.Instant, _ interval: Duration) -> Double {
        let period = interval * 0.95
        let steps = max(20, (period / Self.step).rounded(.down))
        return ((instant - start) / period - (phase * steps).rounded(.down) / steps).rounded(.down)
    }

    /// A save was made.
    mutating func saved() {
        failures = 0
        notBefore = nil
    }

    /// A save failed: the next on schedule waits for the pause of its class, at most the interval.
    mutating func failed(
        _ code: ProfileError.Code, interval: Duration, now: ContinuousClock.Instant = .now,
        chance: Double = .random(in: 0...1)
    ) {
        failures += 1
        notBefore = now + min(code.retryPauses.pause(after: failures, chance: chance), interval)
    }
}

/// Gives each session of a coordinator the next pace.
final class AutosavePaces: Sendable {
    private let start = ContinuousClock.now
    private let number = Atomic<UInt64>(0)

    func next() -> AutosavePace {
        AutosavePace(number: number.wrappingAdd(1, ordering: .relaxed).oldValue, start: start)
    }
}
