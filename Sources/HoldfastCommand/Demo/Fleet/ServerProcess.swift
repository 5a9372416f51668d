import Foundation
import Glibc
import Synchronization

/// One server process of the demo: orders go in as lines, reports come out as lines.
///
/// A thread of its own starts the process, reads until its end and reaps it. The kernel sends a process
/// SIGCONT when the thread that started it dies, so that even a frozen server notices a dead demo: it sees
/// the end of its orders and drains.
final class ServerProcess: Sendable {
    /// What the reading thread hands over.
    enum Event: Sendable {
        case report(ServerReport)
        /// The process is gone.
        case exited(cleanly: Bool, how: String)
    }

    private struct State {
        var pid: pid_t?
        var orders: Int32?
        /// Orders that the socket had no room for.
        var unsent: [UInt8] = []
    }

    /// More unsent bytes than this: a server that does not read its orders is dead to us.
    private static let maximumUnsentBytes = 1 << 20

    let name: String
    /// Receives standard error.
    let logPath: String
    private let state = Mutex(State())
    private let onEvent: @Sendable (ServerProcess, Event) -> Void

    /// Names a process; ``start(arguments:)`` starts it.
    init(name: String, logPath: String, onEvent: @escaping @Sendable (ServerProcess, Event) -> Void) {
        self.name = name
        self.logPath = logPath
        self.onEvent = onEvent
    }

    /// The process id while it runs.
    var pid: pid_t? { state.withLock { $0.pid } }

    /// Starts `executable`, or this one when it is nil, with `arguments`.
    ///
    /// Its failure to start is reported as an exit.
    func start(executable: String? = nil, arguments: [String]) {
        let thread = Thread { [self] in
            var reports: Int32 = -1
            if let failure = spawn(executable, arguments, reports: &reports) {
                onEvent(self, .exited(cleanly: false, how: "could not start: \(String(cString: strerror(failure)))"))
                return
            }
            read(reports)
            let how = reap()
            onEvent(self, .exited(cleanly: how == nil, how: how ?? "ended"))
        }
        thread.name = name
        thread.start()
    }

    /// Writes one order, or keeps it until there is room.
    func send(_ order: ServerOrder) {
        guard let line = try? JSONEncoder().encode(order) else { return }
        state.withLock { state in
            guard state.orders != nil, state.unsent.count < Self.maximumUnsentBytes else { return }
            state.unsent += line
            state.unsent.append(0x0A)
            Self.push(&state)
        }
    }

    /// Writes what is still unsent.
    func flush() {
        state.withLock { state in
            if !state.unsent.isEmpty { Self.push(&state) }
        }
    }

    /// Sends a signal to the process, unless it has ended.
    func signal(_ number: Int32) {
        state.withLock { state in
            if let pid = state.pid { _ = Glibc.kill(pid, number) }
        }
    }

    private static func push(_ state: inout State) {
        guard let descriptor = state.orders else { return }
        while !state.unsent.isEmpty {
            let count = state.unsent.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                state.unsent.removeFirst(count)
            } else if errno != EINTR {
                if errno != EAGAIN { state.unsent = [] }
                return
            }
        }
    }

    // MARK: - The thread

    /// Returns an errno, or nil with the descriptor to read from.
    private func spawn(_ executable: String?, _ arguments: [String], reports: inout Int32) -> Int32? {
        var orderEnds: [Int32] = [0, 0]
        var reportEnds: [Int32] = [0, 0]
        // Socket pairs, since pipes cannot be closed on exec from the start: another process that is being started
        // at the same moment must not keep an end.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &orderEnds) == 0 else { return errno }
        guard socketpair(AF_UNIX, kind, 0, &reportEnds) == 0 else {
            let failure = errno
            orderEnds.forEach { _ = close($0) }
            return failure
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, orderEnds[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, reportEnds[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        // /proc/self would name the helper by the time it is looked up.
        let words = ["setpriv", "--pdeathsig", "CONT", executable ?? "/proc/\(getpid())/exe"] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        argv.append(nil)
        defer { argv.forEach { free($0) } }
        var process: pid_t = 0
        let failure = posix_spawnp(&process, "setpriv", &actions, &attributes, argv, environ)
        close(orderEnds[0])
        close(reportEnds[1])
        guard failure == 0 else {
            close(orderEnds[1])
            close(reportEnds[0])
            return failure
        }
        _ = fcntl(orderEnds[1], F_SETFL, O_NONBLOCK)
        reports = reportEnds[0]
        let (child, orders) = (process, orderEnds[1])
        state.withLock { state in
            state.pid = child
            state.orders = orders
        }
        return nil
    }

    private func read(_ descriptor: Int32) {
        defer { close(descriptor) }
        let decoder = JSONDecoder()
        DescriptorLines(descriptor: descriptor).forEach { line in
            if let report = try? decoder.decode(ServerReport.self, from: line) { onEvent(self, .report(report)) }
        }
    }

    /// Waits for the end; nil after exit status 0, else what happened in words.
    private func reap() -> String? {
        guard let pid else { return nil }
        // The exit is awaited without reaping, so that a signal never meets a process id that was used again.
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        var status: Int32 = 0
        state.withLock { state in
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            state.pid = nil
            if let orders = state.orders { close(orders) }
            state.orders = nil
            state.unsent = []
        }
        let signal = status & 0x7F
        let code = (status >> 8) & 0xFF
        if signal != 0 { return "died of signal \(signal)" }
        return code == 0 ? nil : "ended with status \(code)"
    }
}
