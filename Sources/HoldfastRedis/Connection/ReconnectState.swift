/// Decides how long a connection rests before the next attempt.
///
/// Pure: time and randomness are passed in. Waits are drawn with full jitter, between zero and a bound that
/// doubles with each failure, so that a fleet does not come back in one wave.
struct ReconnectState: Sendable {
    /// Where the connection stands.
    enum Phase: Sendable, Equatable {
        case connecting
        case connected(since: ContinuousClock.Instant)
        case resting
    }

    /// Failures since the last connection that lasted.
    private(set) var failures = 0
    /// Where the connection stands now.
    private(set) var phase = Phase.connecting
    private let minimum: Duration
    private let maximum: Duration

    /// Begins with the first attempt.
    init(minimum: Duration, maximum: Duration) {
        self.minimum = minimum
        self.maximum = max(minimum, maximum)
    }

    /// The rest is over.
    mutating func attempt() {
        phase = .connecting
    }

    /// The handshake succeeded.
    mutating func connected(at now: ContinuousClock.Instant) {
        phase = .connected(since: now)
    }

    /// The connection ended.
    ///
    /// Returns how long to rest.
    ///
    /// Only one that lasted longer than the largest rest counts as a success: a server that accepts and hangs up
    /// at once must not be hammered.
    mutating func lost(
        at now: ContinuousClock.Instant, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        if case .connected(let since) = phase, now - since >= maximum { failures = 0 }
        return rest(using: &generator)
    }

    /// An attempt failed.
    ///
    /// Returns how long to rest; a refusal of our credentials always earns a long rest.
    mutating func failed(
        permanently: Bool, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        guard permanently else { return rest(using: &generator) }
        failures += 1
        phase = .resting
        return maximum
    }

    private mutating func rest(using generator: inout some RandomNumberGenerator) -> Duration {
        phase = .resting
        var bound = minimum
        for _ in 0..<failures where bound < maximum { bound *= 2 }
        failures += 1
        return min(bound, maximum) * Double.random(in: 0...1, using: &generator)
    }
}
