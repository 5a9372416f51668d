import Holdfast
import Synchronization

/// The game's time of day, which the tour turns forward so that nobody has to wait for tomorrow.
final class GameClock: Sendable {
    private let ahead = Mutex<Int64>(0)

    /// Milliseconds since 1970.
    func now() -> Int64 { WallClock.milliseconds() + ahead.withLock { $0 } }

    func advance(hours: Int64) { ahead.withLock { $0 += hours * 3_600_000 } }
}
