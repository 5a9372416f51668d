import HoldfastStorage
import Synchronization

/// The time of day of a ``TestFleet``: real time, which a test may move ahead.
///
/// It drives what the two sides decide by it: the dates and the hourly history of records, the expiry of leases, beats,
/// inboxes and hot copies. It does not drive what servers do by their own monotonic clocks: when they beat, renew and
/// autosave, when a session becomes doubtful, and every deadline and retry. Moving it further than a beat's life (three
/// beats) makes each server look dead to the others until its next beat, as a jump of Redis' clock would.
public final class TestClock: Sendable {
    private let ahead = Mutex<Int64>(0)

    init() {}

    /// Milliseconds since 1970, UTC.
    public var milliseconds: Int64 { WallClock.milliseconds() + ahead.withLock { $0 } }

    /// Moves the time ahead; a negative duration moves nothing, since a store's clock does not go back.
    public func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let millis = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        ahead.withLock { $0 += max(0, millis) }
    }

    var now: @Sendable () -> Int64 {
        { self.milliseconds }
    }
}
