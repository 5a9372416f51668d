import Glibc
import Synchronization

/// The keepers that this process has started, to be collected when they end.
final class KeeperProcesses: Sendable {
    static let shared = KeeperProcesses()
    private let processes = Mutex<Set<pid_t>>([])

    /// Remembers a started keeper.
    func add(_ process: pid_t) {
        processes.withLock { _ = $0.insert(process) }
    }

    /// Collects those that have ended.
    ///
    /// Waits for nobody.
    func reap() {
        processes.withLock { processes in
            processes = processes.filter { process in
                var status: Int32 = 0
                return waitpid(process, &status, WNOHANG) == 0
            }
        }
    }
}
