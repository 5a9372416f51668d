import Synchronization

/// Counts what happens on one server between two reports.
final class DemoCounters: Sendable {
    private let counts = Mutex(ServerCounts())
    private let sharedCounts = Mutex(SharedCounts())

    func update(_ change: (inout ServerCounts) -> Void) {
        counts.withLock { change(&$0) }
    }

    /// The counts so far, with everything measured since the last call.
    func take() -> ServerCounts {
        counts.withLock { counts in
            defer {
                counts.saveMicros = []
                counts.appliedIDs = []
            }
            return counts
        }
    }

    func updateShared(_ change: (inout SharedCounts) -> Void) {
        sharedCounts.withLock { change(&$0) }
    }

    /// The counts of boards and announcements so far.
    var shared: SharedCounts { sharedCounts.withLock { $0 } }
}
