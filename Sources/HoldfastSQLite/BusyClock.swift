import Foundation
import Synchronization

/// Waits for another connection's lock in short steps, up to a deadline.
///
/// SQLite's own handler backs off to steps of 100 ms, which would show in every hop between servers.
final class BusyClock: Sendable {
    private let timeout: Duration
    private let start = Mutex<ContinuousClock.Instant?>(nil)

    init(timeout: Duration) {
        self.timeout = timeout
    }

    /// SQLite's busy handler: sleeps on the connection's own thread; false gives up.
    func wait(tries: Int) -> Bool {
        let now = ContinuousClock.now
        let start = start.withLock { start in
            if tries == 0 || start == nil { start = now }
            return start ?? now
        }
        guard start.duration(to: now) < timeout else { return false }
        // Jitter keeps the processes of one machine out of step.
        Thread.sleep(forTimeInterval: Double.random(in: 0.000_2...0.001) * (tries < 20 ? 1 : 3))
        return true
    }
}
