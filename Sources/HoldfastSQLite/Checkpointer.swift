import GRDB
import Synchronization

/// Moves committed pages from the log into the database file, away from the commit path.
///
/// A checkpoint inside a commit costs it 10 ms and more. So after every few megabytes a passive
/// checkpoint runs on the readers' connection. Under steady load the log never empties that way, as new
/// frames follow meanwhile; once it is long, the short rest is moved on the writer's queue, where no
/// commit of this process follows, so that SQLite starts the log anew. SQLite's own checkpoint stays
/// as a backstop at ``backstopPages``.
final class Checkpointer: Sendable {
    static let backstopPages = 32_768

    private static let stepBytes = 16_777_216
    private static let longLogPages = 8_192

    private struct State {
        var bytes = 0
        var isRunning = false
        var isStopped = false
    }

    private let writer: DatabaseQueue
    private let reader: DatabaseQueue
    private let state = Mutex(State())

    init(writer: DatabaseQueue, reader: DatabaseQueue) {
        self.writer = writer
        self.reader = reader
    }

    /// Tells of a commit; an estimate of what it appended is enough.
    func committed(bytes: Int) {
        let starts = state.withLock { state in
            state.bytes += bytes
            guard state.bytes >= Self.stepBytes, !state.isRunning, !state.isStopped else { return false }
            state.bytes = 0
            state.isRunning = true
            return true
        }
        guard starts else { return }
        reader.asyncWriteWithoutTransaction { database in
            if self.checkpoint(database) > Self.longLogPages {
                self.writer.asyncWriteWithoutTransaction { self.checkpoint($0) }
            }
            self.state.withLock { $0.isRunning = false }
        }
    }

    /// Ends checkpoints; must be called before the connections are closed.
    func stop() {
        state.withLock { $0.isStopped = true }
    }

    /// Moves what can be moved without waiting; returns the pages in the log.
    @discardableResult
    private func checkpoint(_ database: Database) -> Int {
        // Looked at on the connection's own queue: after `close` there is no connection to hand to SQLite.
        guard !state.withLock({ $0.isStopped }) else { return 0 }
        // Busy or failing: the next step tries again, and nothing depends on it.
        return (try? database.checkpoint(.passive))?.walFrameCount ?? 0
    }
}
